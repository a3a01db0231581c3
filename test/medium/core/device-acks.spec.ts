import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderNewsRepository, ReceiptRepository, encodeDeliveryRef } from '#entities';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, device',
    ),
  );
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const push = only('push');
const to = { addresses: [{ channel: 'push' as const, address: 'tok-1' }] };
const say = (token: string, ...refs: string[]): Promise<void> =>
  mc.get(ProviderNewsRepository).take('push', 'push:main', { deviceAcks: refs.map((ref) => ({ token, ref })) });
const match = async (): Promise<number> => (await mc.get(ReceiptRepository).matchDue(1000)).matched;
const sentRef = (): string => mc.provider.sent.at(-1)?.ref ?? '';
const statusOf = async (id: string): Promise<number | undefined> => (await mc.deliveries(id))[0]?.status;
const SENT = 20;
const DELIVERED = 40;

describe('the acknowledgement of a device', () => {
  it('is the delivery, by its reference alone: no provider had to name it', async () => {
    mc.provider.on('push', { class: 'ok' });
    const id = await mc.send({ to, ...push });
    await mc.work();
    expect(await statusOf(id)).toBe(SENT);
    await say('tok-1', sentRef(), sentRef());
    expect(await match()).toBe(1);
    await mc.fold();
    expect(await statusOf(id)).toBe(DELIVERED);
    expect(await mc.state(id)).toMatchObject({ status: 'completed', delivered: 1, sent: 0 });
    await expect(mc.rows('SELECT 1 FROM provider_ref')).resolves.toEqual([]);
  });

  it('that comes twice, or again later, changes nothing more', async () => {
    const id = await mc.send({ to, ...push });
    await mc.work();
    for (let i = 0; i < 2; i++) {
      await say('tok-1', sentRef());
      await match();
      await mc.fold();
    }
    expect(await mc.state(id)).toMatchObject({ delivered: 1, sent: 0 });
  });

  it('counts where it comes before the end of its send is stored', async () => {
    const id = await mc.send({ to, ...push });
    mc.provider.on('push', async ({ ref }) => {
      await say('tok-1', ref);
      await match();
      return { class: 'ok' };
    });
    await mc.work();
    await mc.fold();
    expect(await statusOf(id)).toBe(DELIVERED);
    expect(await mc.state(id)).toMatchObject({ status: 'completed', delivered: 1, sent: 0 });
  });

  it('is believed of a device the delivery went to, and of no other', async () => {
    const id = await mc.send({ to, ...push });
    await mc.work();
    await say('tok-2', sentRef());
    await say('tok', sentRef());
    expect(await mc.rows('SELECT 1 FROM receipt')).toEqual([]);
    expect(await statusOf(id)).toBe(SENT);
  });

  it('is believed of each device of a person', async () => {
    const id = await mc.send({ to, ...push });
    await mc.work();
    await mc.rows(`UPDATE delivery SET address = 'tok-0,tok-1,tok-2' WHERE message_id = $1`, [id]);
    await say('tok-2', sentRef());
    expect(await match()).toBe(1);
    expect(await statusOf(id)).toBe(DELIVERED);
  });

  it('that is garbage or forged leaves nothing, and takes nothing else with it', async () => {
    const id = await mc.send({ to, ...push });
    await mc.work();
    const [row] = await mc.deliveries(id);
    const forged = encodeDeliveryRef(id, row?.seq ?? 0, '00000000-0000-4000-8000-000000000000');
    await say('tok-1', '', 'x', '\u0000', 'A'.repeat(35), '-'.repeat(35), 'É'.repeat(4000), forged, sentRef());
    expect(await mc.rows('SELECT 1 FROM receipt')).toHaveLength(1);
    expect(await match()).toBe(1);
    expect(await statusOf(id)).toBe(DELIVERED);
  });

  it('is not believed on another channel', async () => {
    await mc.addUser('u1', { sms: '13800000001' });
    const id = await mc.send({ to: { users: [{ id: 'u1' }] }, ...only('sms') });
    await mc.work();
    const [row] = await mc.deliveries(id);
    await say(row?.address ?? '', sentRef());
    expect(await mc.rows('SELECT 1 FROM receipt')).toEqual([]);
  });
});

describe('a device that is there again', () => {
  it('has been seen now; one that nobody registered is passed over', async () => {
    await mc.rows(
      `INSERT INTO device (token, user_id, platform) VALUES ('tok-1', 'u1', 'android'), ('tok-2', 'u1', 'android')`,
    );
    await mc.get(ProviderNewsRepository).take('push', 'push:main', { devicesBack: ['tok-1', 'nobody', 'tok-1'] });
    expect(await mc.rows('SELECT token FROM device WHERE last_seen_at IS NOT NULL')).toEqual([{ token: 'tok-1' }]);
  });
});
