import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Accounts } from '../../../apps/channel-worker/src/accounts/accounts.service.js';
import { Pacing } from '../../../apps/channel-worker/src/accounts/pacing.service.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}` });
});
afterEach(async () => {
  await mc.rows(`DELETE FROM provider_account WHERE channel = 'sms' AND id <> 'main'`);
  await mc.rows(`UPDATE provider_account SET weight = 1, rate_per_second = NULL WHERE channel = 'sms'`);
  await raised();
  expect(await mc.violations()).toEqual([]);
});
afterAll(() => mc.close());

/** What was written behind the caches is seen. */
async function raised(): Promise<void> {
  await mc.rows(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'channel'`);
  await mc.refresh();
}

async function addAccount(id: string, weight: number): Promise<void> {
  await mc.rows(`INSERT INTO provider_account (channel, id, provider, weight) VALUES ('sms', $1, 'scripted', $2)`, [
    id,
    weight,
  ]);
  await raised();
}

const chosen = async (times: number): Promise<Set<string | undefined>> => {
  const ids = new Set<string | undefined>();
  for (let i = 0; i < times; i++) ids.add((await mc.get(Accounts).open('sms'))?.id);
  return ids;
};

describe('several accounts of a channel', () => {
  it('share the work by weight', async () => {
    await addAccount('second', 1);
    expect(await chosen(64)).toEqual(new Set(['sms:main', 'sms:second'])); // one alone: once in 2^63 runs
  });

  it('leave an account of weight 0 alone while there is another', async () => {
    await addAccount('spare', 0);
    expect(await chosen(64)).toEqual(new Set(['sms:main']));
    await mc.rows(`UPDATE provider_account SET enabled = id = 'spare' WHERE channel = 'sms'`);
    await raised();
    expect(await chosen(8)).toEqual(new Set(['sms:spare']));
    await mc.rows(`UPDATE provider_account SET enabled = true WHERE channel = 'sms'`);
  });
});

describe('the pace of an account', () => {
  it('is kept over all that send through it', async () => {
    const account = await mc.get(Accounts).open('sms');
    if (!account) throw new Error('no account');
    const paced = { ...account, id: 'sms:paced', perSecond: 5 };
    const window = (): Promise<{ window_start: Date }[]> =>
      mc.rows(`SELECT window_start FROM rate_window WHERE subject = 'account:sms:paced'`);
    for (;;) {
      const first = await mc.get(Pacing).take(paced, 3);
      const [before] = await window();
      const second = await mc.get(Pacing).take(paced, 3);
      const third = await mc.get(Pacing).take(paced, 3);
      const [after] = await window();
      if (before?.window_start.getTime() !== after?.window_start.getTime()) continue; // a second began in between
      // Nobody takes more than a quarter of the second at once, and all together take no more than the whole.
      expect([first, second, third]).toEqual([2, 2, 1]);
      return;
    }
  });

  it('lets everything through in time, each once', async () => {
    await mc.rows(`UPDATE provider_account SET rate_per_second = 2 WHERE channel = 'sms'`);
    await raised();
    const id = await mc.send({ to: { users: ['u1', 'u2', 'u3'].map((user) => ({ id: user })) }, ...only('sms') });
    await mc.work();
    expect((await mc.deliveries(id)).map((row) => [row.status, row.attempts])).toEqual([
      [20, 1],
      [20, 1],
      [20, 1],
    ]);
    expect(mc.provider.sent).toHaveLength(3);
    await mc.fold();
  });

  it('does not hold up the end of the process: what was not tried goes back as it was', async () => {
    const ending = await coreSteps();
    try {
      await ending.addApp('app');
      await ending.addUser('u1', { sms: '13800000001' });
      await ending.rows(`UPDATE provider_account SET rate_per_second = 1 WHERE channel = 'sms'`);
      await ending.rows(`UPDATE catalog_revision SET revision = revision + 1`);
      await ending.refresh();
      const id = await ending.send({ to: { users: [{ id: 'u1' }] }, ...only('sms') });
      ending.get(Pacing).onModuleDestroy();
      await ending.work();
      expect(ending.provider.sent).toEqual([]);
      expect(await ending.deliveries(id)).toMatchObject([{ status: 0, attempts: 0, is_open: true }]);
      expect(
        await ending.rows(`SELECT kind, attempts, claims, due_at <= now() AS is_due FROM work WHERE message_id = $1`, [
          id,
        ]),
      ).toEqual([{ kind: 'deliver', attempts: 0, claims: 0, is_due: true }]);
      expect(await ending.violations()).toEqual([]);
    } finally {
      await ending.close();
    }
  });
});
