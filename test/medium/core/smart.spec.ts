import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel } from '#contracts';
import { Metrics } from '#platform';
import { ReceiptsJob } from '../../../apps/reporting/src/receipts/receipts.job.js';
import { coreSteps, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const n of [1, 2, 3, 4, 5]) await mc.addUser(`u${n}`, { sms: number(n), mail: `u${n}@example.com` });
  await mc.rows(
    `INSERT INTO setting (name, value) VALUES ('smart', '{"order":["sms","mail","portal"],"portalAtOnce":false}')`,
  );
  await mc.rows(
    `INSERT INTO channel_config (channel, smart_success_when, smart_within_s)
     VALUES ('sms', 'delivered', 60), ('mail', 'read', 60)`,
  );
  await mc.refresh();
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying('work, message, message_state, delivery, delivery_attempt, settlement, provider_ref, receipt'),
  );
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const number = (n: number): string => `1380000000${n}`;
const send = (...ids: string[]): Promise<string> =>
  mc.send({ to: { users: ids.map((id) => ({ id })) }, channels: { mode: 'smart' } });
const refTo = (channel: Channel, address: string): string =>
  mc.provider.sentTo(address).find((sent) => sent.channel === channel)?.ref ?? '';
/** The time that is given for a proof is over. */
const noProof = async (id: string): Promise<void> => {
  await mc.makeDue(id);
  await mc.dueWork();
};

describe('smart', () => {
  it('tries channel after channel until one has proved itself: exactly one success a receiver', async () => {
    mc.provider.on('sms', ({ address, ref }) =>
      address === number(2) ? { class: 'bad_recipient' } : { class: 'ok', providerRef: ref },
    );
    const id = await send('u1', 'u2', 'u3', 'u4', 'u5');
    await mc.work('sms');
    await mc.receipt('sms', refTo('sms', number(1)), 'delivered'); // u1: proved
    await mc.receipt('sms', refTo('sms', number(4)), 'failed'); // u4: failed later
    await mc.work('mail'); // u2 and u4 went on
    await mc.receipt('mail', refTo('mail', 'u2@example.com'), 'delivered'); // not what is asked of mail
    await mc.receipt('mail', refTo('mail', 'u2@example.com'), 'read');
    await noProof(id); // u3 and u5 after SMS, u4 after mail
    await mc.work('mail');
    await mc.receipt('mail', refTo('mail', 'u5@example.com'), 'read');
    await noProof(id); // u3 after mail
    await mc.fold();
    const ways = new Map<string, string[]>();
    for (const { recipient, channel, status } of await mc.deliveries(id))
      ways.set(recipient, [...(ways.get(recipient) ?? []), `${channel} ${status}`]);
    expect([...ways.values()]).toEqual([
      ['sms 40'],
      ['sms 31', 'mail 50'],
      ['sms 20', 'mail 20', 'portal 40'],
      ['sms 31', 'mail 20', 'portal 40'],
      ['sms 20', 'mail 50'],
    ]);
    expect(await mc.state(id)).toMatchObject({ status: 'completed', chains: 5, ended: 5 });
    expect(await mc.violations({ atRest: true })).toEqual([]);
  });
});

describe('F49: a channel that arrives after its time', () => {
  const counted = async (): Promise<number> => {
    const text = await mc.get(Metrics).exposition();
    return Number(/mc_cross_channel_duplicates_total\{channel="sms"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  /** As the reporting app does it, with its counters. */
  const receipts = async (...words: ('delivered' | 'read' | 'failed')[]): Promise<void> => {
    for (const word of words) {
      await mc.rows(`INSERT INTO receipt (account, provider_id, status) VALUES ('sms:main', $1, $2)`, [
        refTo('sms', number(1)),
        { delivered: 40, read: 50, failed: 31 }[word],
      ]);
      mc.get(ReceiptsJob).look();
      const left = (): Promise<unknown[]> => mc.rows('SELECT FROM receipt');
      await mc.until('the receipt is matched', left, (rows) => rows.length === 0);
    }
  };

  it('may have reached the person twice: both deliveries show it, and it is counted once', async () => {
    const before = await counted();
    const id = await send('u1');
    await mc.work('sms');
    await noProof(id);
    await mc.work('mail');
    await receipts('delivered', 'delivered', 'read');
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 50 },
      { channel: 'mail', status: 20 },
    ]);
    expect(await counted()).toBe(before + 1);
  });

  it('is not counted where it arrived in time, or failed', async () => {
    const before = await counted();
    await send('u1');
    await mc.work('sms');
    await receipts('delivered');
    mc.provider.sent.length = 0;
    const id = await send('u1');
    await mc.work('sms');
    await noProof(id);
    await mc.work('mail');
    await receipts('failed');
    expect(await counted()).toBe(before);
  });

  it('is not counted where the channel that followed did not reach the person', async () => {
    const before = await counted();
    await mc.rows(`UPDATE setting SET value = '{"order":["sms","mail"],"portalAtOnce":false}' WHERE name = 'smart'`);
    await mc.refresh();
    mc.provider.on('mail', { class: 'bad_content' });
    const id = await send('u1');
    await mc.work('sms');
    await noProof(id);
    await mc.work('mail');
    await receipts('delivered');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 40 }, { status: 31 }]);
    expect(await counted()).toBe(before);
  });
});
