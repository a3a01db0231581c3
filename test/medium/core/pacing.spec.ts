import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RateWindowRepository, RecipientPacingRepository, reopensInMs, type WindowGrant } from '#entities';
import { DeliverWorkService } from '../../../apps/channel-worker/src/delivery/deliver-work.service.js';
import { Pacing } from '../../../apps/channel-worker/src/accounts/pacing.service.js';
import { handedOver, only } from '../../support/core-steps.js';
import { accountsCore, users, type AccountsCore } from './accounts.fixture.js';

let mc: AccountsCore;
beforeAll(async () => {
  mc = await accountsCore();
  await mc.addApp('app');
  for (let n = 0; n < 10; n++) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  await mc.tidy();
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const sms = only('sms');
const ALL = Array.from({ length: 10 }, (_, n) => `u${n}`);
const sentNow = (): number => mc.provider.sent.length;
/** Seconds until the next full hour, or the next midnight in China, by the database's clock. */
const untilEnd = async (unit: 'hour' | 'day'): Promise<number> => {
  const { s } = await mc.row<{ s: number }>(
    `SELECT extract(epoch FROM date_trunc($1, now() AT TIME ZONE 'Asia/Shanghai') + ('1 ' || $1)::interval
              - now() AT TIME ZONE 'Asia/Shanghai')::float8 AS s`,
    [unit],
  );
  return s;
};

describe('the quota of an account', () => {
  it.each([
    ['hour', 'quota_per_hour'],
    ['day', 'quota_per_day'],
  ] as const)('an %s: what is beyond waits until it reopens, and it is shown until when', async (unit, column) => {
    await mc.setMain({ [column]: 4 });
    const id = await mc.send({ to: users(...ALL), ...sms });
    await mc.work();
    expect(sentNow()).toBe(4);
    const seconds = await untilEnd(unit);
    const health = await mc.health('sms:main');
    expect(health).toMatchObject({ state: 'closed', parked_reason: `quota_${unit}` });
    expect(Math.abs(health.parked_in_s - seconds)).toBeLessThan(5);
    const waiting = (await mc.waiting(id)).filter(({ kind }) => kind === 'deliver');
    expect(waiting.flatMap(({ seqs }) => seqs)).toHaveLength(6);
    for (const { due_in_s: dueInS, attempts } of waiting) {
      expect(attempts).toBe(0);
      expect(dueInS).toBeGreaterThan(seconds - 5);
      expect(dueInS).toBeLessThan(seconds + 65);
    }
    await mc.makeDue(id);
    await mc.work();
    expect(sentNow()).toBe(4);
    await mc.rows(`UPDATE account_health SET parked_until = now()`);
    await mc.rows(`UPDATE rate_window SET window_start = window_start - interval '1 ${unit}'`);
    await mc.refresh();
    await mc.makeDue(id);
    await mc.work();
    expect(sentNow()).toBe(8);
  });

  it('that is used up lets the next account take over', async () => {
    await mc.setMain({ quota_per_hour: 3 });
    await mc.addAccount('second', { weight: 0 });
    await mc.send({ to: users(...ALL), ...sms });
    await mc.work();
    const accounts = mc.provider.sent.map(({ account }) => account);
    expect(accounts.filter((account) => account === 'sms:main')).toHaveLength(3);
    expect(accounts.filter((account) => account === 'sms:second')).toHaveLength(7);
  });

  it('takes only what is sent: with a slow pace the rest of the quota is still there', async () => {
    await mc.setMain({ rate_per_second: 3, quota_per_hour: 7 });
    await mc.send({ to: users(...ALL), ...sms });
    await mc.work();
    expect(sentNow()).toBe(7);
    expect(await mc.health('sms:main')).toMatchObject({ parked_reason: 'quota_hour' });
  });

  it('of a day is not used up by what has to wait for the hour', async () => {
    await mc.setMain({ quota_per_hour: 4, quota_per_day: 9 });
    const id = await mc.send({ to: users(...ALL), ...sms });
    await mc.work();
    for (const sent of [8, 9]) {
      await mc.rows(`UPDATE account_health SET parked_until = now()`);
      await mc.rows(
        `UPDATE rate_window SET window_start = window_start - interval '1 hour' WHERE subject LIKE 'quota_hour%'`,
      );
      await mc.refresh();
      await mc.makeDue(id);
      await mc.work();
      expect(sentNow()).toBe(sent);
    }
    expect(await mc.health('sms:main')).toMatchObject({ parked_reason: 'quota_day' });
  });

  it('counts over all that send through it', async () => {
    const windows = mc.get(RateWindowRepository);
    const leases = await Promise.all(
      Array.from({ length: 20 }, () => windows.lease('quota_day:shared', 30, 86_400, 4, 28_800)),
    );
    expect(leases.reduce((sum, { granted }) => sum + granted, 0)).toBe(30);
  });
});

describe('the limit of a recipient', () => {
  it('lets the rest wait until the window ends, uncounted, and nobody else', async () => {
    mc.provider.recipientLimits = [{ max: 3, windowS: 60 }];
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push(await mc.send({ to: users('u1'), ...sms }));
    await mc.send({ to: users('u2'), ...sms });
    await mc.work();
    expect(mc.provider.sentTo('13800000001')).toHaveLength(3);
    expect(mc.provider.sentTo('13800000002')).toHaveLength(1);
    const waiting = await mc.waiting();
    expect(waiting).toHaveLength(2);
    for (const { due_in_s: dueInS, attempts } of waiting) {
      expect(attempts).toBe(0);
      expect(dueInS).toBeGreaterThan(60);
      expect(dueInS).toBeLessThan(60 + 10 + 20);
    }
    await mc.rows(`UPDATE recipient_window SET window_start = now() - interval '71 seconds'`);
    await mc.rows('UPDATE work SET due_at = now()');
    await mc.work();
    expect(mc.provider.sentTo('13800000001')).toHaveLength(5);
  });

  it('holds in any window of that length, wherever it begins', async () => {
    mc.provider.recipientLimits = [{ max: 3, windowS: 60 }];
    for (let i = 0; i < 2; i++) await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    // Fifty seconds later one more, and ten seconds after that the first two are more than a minute ago.
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '50 seconds'`);
    await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    for (const [seconds, sent] of [
      [9, 3], // 59 s after the first two
      [13, 5], // 72 s after them, 22 s after the third
      [37, 5], // 59 s after the third
      [12, 6], // 71 s after it, 49 s after the two that followed
    ]) {
      await mc.rows(`UPDATE recipient_window SET window_start = window_start - $1 * interval '1 second'`, [seconds]);
      await mc.send({ to: users('u1'), ...sms });
      await mc.rows('UPDATE work SET due_at = now()');
      await mc.work();
      expect(sentNow()).toBe(sent);
    }
  });

  it('goes on as old messages leave the window, without any silence', async () => {
    const windows = mc.get(RecipientPacingRepository);
    const hour = [{ max: 4, windowS: 3600 }];
    const grants: number[] = [];
    for (let i = 0; i < 24; i++) {
      const [grant] = await windows.take('sms:steady', new Map([['p', 1]]), hour);
      grants.push(grant?.granted ?? 0);
      await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '600 seconds'`);
    }
    expect(grants.slice(0, 7)).toEqual([1, 1, 1, 1, 0, 0, 0]);
    expect(grants.reduce((sum, granted) => sum + granted, 0)).toBe(15); // 4 in each of three windows and a sixth, 3 so far in the next
    grants.forEach((_, at) =>
      expect(grants.slice(at, at + 7).reduce((sum, granted) => sum + granted, 0)).toBeLessThanOrEqual(4),
    );
  });

  it('says when the oldest message leaves the window', async () => {
    const windows = mc.get(RecipientPacingRepository);
    const [limit] = [{ max: 3, windowS: 600 }];
    const take = async (n: number): Promise<WindowGrant> => {
      const [grant] = await windows.take('sms:when', new Map([['p', n]]), [limit]);
      if (!grant) throw new Error('no answer');
      return grant;
    };
    await take(1);
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '250 seconds'`);
    const grant = await take(5);
    expect(grant).toMatchObject({ granted: 2, counts: [2, 0, 1, 0, 0, 0, 0] });
    expect(Math.abs(reopensInMs(grant, limit.max) - 450_000)).toBeLessThan(2000);
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '449 seconds'`);
    expect(await take(1)).toMatchObject({ granted: 0 });
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '2 seconds'`);
    expect(await take(5)).toMatchObject({ granted: 1 });
  });

  it('takes what was not sent out of the counter it was put in', async () => {
    const windows = mc.get(RecipientPacingRepository);
    const take = (n: number): Promise<WindowGrant[]> =>
      windows.take('sms:back', new Map([['p', n]]), [{ max: 5, windowS: 60 }]);
    await take(3);
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '10 seconds'`);
    const counter = await mc.row<{ at: string }>('SELECT window_start::text AS at FROM recipient_window');
    await take(1);
    await windows.giveBack('sms:back', [{ address: 'p', window_s: 60, counter: counter.at, unsent: 2 }]);
    expect(await mc.rows('SELECT counts FROM recipient_window')).toEqual([{ counts: [1, 1, 0, 0, 0, 0, 0] }]);
    await mc.rows(`UPDATE recipient_window SET window_start = window_start - interval '2 minutes'`);
    await take(1);
    await windows.giveBack('sms:back', [{ address: 'p', window_s: 60, counter: counter.at, unsent: 1 }]);
    expect(await mc.rows('SELECT counts FROM recipient_window')).toEqual([{ counts: [1, 0, 0, 0, 0, 0, 0] }]);
  });

  it('of an hour is not used up by what has to wait for the minute', async () => {
    const windows = mc.get(RecipientPacingRepository);
    mc.provider.recipientLimits = [
      { max: 2, windowS: 60 },
      { max: 100, windowS: 3600 },
    ];
    for (let i = 0; i < 8; i++) await mc.send({ to: users('u1'), ...sms });
    for (let i = 0; i < 3; i++) {
      await mc.rows('UPDATE work SET due_at = now()');
      await mc.work();
    }
    expect(sentNow()).toBe(2);
    expect(await mc.rows('SELECT window_s, counts FROM recipient_window ORDER BY window_s')).toEqual([
      { window_s: 60, counts: [2, 0, 0, 0, 0, 0, 0] },
      { window_s: 3600, counts: [2, 0, 0, 0, 0, 0, 0] },
    ]);
    expect(await windows.take('sms:main', new Map([['13800000001', 1]]), [{ max: 2, windowS: 60 }])).toMatchObject([
      { granted: 0 },
    ]);
  });

  it('is exact however many workers send to the same people at once, and locks nobody out', async () => {
    const windows = mc.get(RecipientPacingRepository);
    const people = Array.from({ length: 50 }, (_, i) => `p${i}`);
    const limits = [
      { max: 7, windowS: 60 },
      { max: 100, windowS: 3600 },
    ];
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => {
        const order = i % 2 ? people : [...people].reverse();
        return windows.take('sms:many', new Map(order.map((id) => [id, 1])), limits);
      }),
    );
    const granted = answers.flat().filter((answer) => answer.window_s === 60 && answer.granted === 1);
    expect(granted).toHaveLength(50 * 7);
  });

  it('sends on by another channel where the wait would outlast the channel’s minute', async () => {
    mc.provider.recipientLimits = [{ max: 1, windowS: 3600 }];
    await mc.send({ to: users('u1'), ...sms });
    const id = await mc.send({ to: users('u1') });
    await mc.rows(`UPDATE work SET priority = 2 WHERE message_id = $1`, [id]);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, error_code: 'recipient_limit', attempts: 0 },
      { channel: 'mail' },
    ]);
  });
});

describe('the pace of an account', () => {
  const leases = async (perSecond: number, calls: number): Promise<number> => {
    const account = { id: 'sms:paced', perSecond, quotaPerHour: null, quotaPerDay: null, receiptWithinS: null };
    const windows = mc.get(RateWindowRepository);
    const lease = windows.lease.bind(windows);
    let asked = 0;
    windows.lease = (...args) => {
      asked++;
      return lease(...args);
    };
    try {
      for (let i = 0; i < calls; i++) await mc.get(Pacing).take({ ...account, isWatched: true }, 1);
    } finally {
      windows.lease = lease;
    }
    return asked;
  };

  it('is taken in blocks where it is fast: a hundred single calls are a few statements', async () => {
    expect(await leases(1000, 100)).toBeLessThanOrEqual(5);
  });

  it('does not hold a batch for long: what has to wait longer goes back, uncounted', async () => {
    await mc.setMain({ rate_per_second: 1 });
    const id = await mc.send({ to: users(...ALL), ...sms });
    await mc.work();
    expect(sentNow()).toBeGreaterThan(0);
    expect(sentNow()).toBeLessThan(10);
    const waiting = await mc.waiting(id);
    expect(waiting.flatMap(({ seqs }) => seqs)).toHaveLength(10 - sentNow());
    for (const { attempts, due_in_s: dueInS } of waiting) {
      expect(attempts).toBe(0);
      expect(dueInS).toBeLessThan(3.1);
    }
  });
});

describe('a provider that never answers', () => {
  it('holds up no other channel, and no connection of the database, however many batches hang', async () => {
    const answers: (() => void)[] = [];
    mc.provider.on('mail', () => new Promise((answer) => answers.push(() => answer({ class: 'ok' }))));
    const slow = await Promise.all(ALL.map((id) => mc.send({ to: users(id, 'u0'), ...only('mail') })));
    const hanging = (await handedOver(mc, 'mail')).map((id) => mc.get(DeliverWorkService).deliver('mail', [id]));
    while (answers.length < 19) await nextTurn();
    expect(mc.database.pool.totalCount - mc.database.pool.idleCount).toBe(0);
    const fast = await mc.send({ to: users(...ALL), ...sms });
    await mc.work('sms');
    expect((await mc.deliveries(fast)).map(({ status }) => status)).toEqual(Array(10).fill(20));
    expect((await mc.deliveries(slow[1] ?? '')).map(({ status }) => status)).toEqual([0, 0]);
    answers.forEach((answer) => answer());
    await Promise.all(hanging);
  });
});
