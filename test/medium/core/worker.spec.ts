import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LEASE_S } from '#entities';
import { DeliverWorkService } from '../../../apps/channel-worker/src/delivery/deliver-work.service.js';
import { coreSteps, handedOver, held, only, type CoreSteps } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const n of [1, 2, 3, 4]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  // What a test leaves under way must not be the next one's work.
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, opt_out, account_health, alarm',
    ),
  );
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  await mc.refresh(); // what is known of the accounts, too
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const users = (...ids: string[]): { users: { id: string }[] } => ({ users: ids.map((id) => ({ id })) });
const sms = only('sms');
const ANOTHER_WORKER = '11111111-1111-4111-8111-111111111111';
const attemptsOf = (id: string): Promise<Record<string, unknown>[]> =>
  mc.rows(
    'SELECT seq, attempt, provider, account, outcome, code, words, is_possible_duplicate FROM delivery_attempt WHERE message_id = $1 ORDER BY seq, attempt',
    [id],
  );
const workOf = (
  id: string,
): Promise<{ kind: string; attempts: number; seqs: number[]; due_in_s: number; claims: number }[]> =>
  mc.rows(
    `SELECT kind, attempts, claims, seqs, extract(epoch FROM due_at - now())::float8 AS due_in_s FROM work WHERE message_id = $1 ORDER BY id`,
    [id],
  );

describe('an outcome', () => {
  it('ok: sent, in the ledger, the provider’s id remembered, nothing left to do', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, is_open: false, attempts: 1, error_code: null }]);
    expect(await attemptsOf(id)).toMatchObject([
      { attempt: 1, provider: 'scripted', account: 'sms:main', outcome: 'ok', is_possible_duplicate: false },
    ]);
    expect(await mc.rows('SELECT account, seq FROM provider_ref WHERE message_id = $1', [id])).toEqual([
      { account: 'sms:main', seq: 0 },
    ]);
    expect(await workOf(id)).toEqual([]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 1, ended: 1 });
  });

  it('ok that proves delivery: delivered', async () => {
    mc.provider.on('sms', { class: 'ok', proves: 'delivered' });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 40 }]);
  });

  it.each([
    ['bad_recipient', 31],
    ['bad_content', 31],
  ] as const)('%s: failed for good, a dead letter with the provider’s code', async (outcome, status) => {
    mc.provider.on('sms', { class: outcome, code: 'E42', words: 'no such number' });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status, is_open: false, error_code: 'E42' }]);
    expect(await workOf(id)).toEqual([]);
    expect(await mc.rows('SELECT kind, cause, seqs FROM dead_letter WHERE message_id = $1', [id])).toEqual([
      { kind: 'delivery', cause: 'E42', seqs: [0] },
    ]);
  });

  it.each(['retry', 'unknown_outcome'] as const)(
    '%s: tried again along the ladder, each try in the ledger',
    async (outcome) => {
      mc.provider.on('sms', { class: outcome, code: 'busy' });
      const id = await mc.send({ to: users('u1'), ...sms });
      for (const [tries, seconds] of [5, 30, 120, 600, 3600, 3600].entries()) {
        await mc.work();
        const [next, ...others] = await workOf(id);
        expect(others).toEqual([]);
        expect(next).toMatchObject({ kind: 'deliver', attempts: tries + 1, seqs: [0] });
        expect(next?.due_in_s).toBeGreaterThan(seconds * 0.79);
        expect(next?.due_in_s).toBeLessThan(seconds * 1.21);
        await mc.makeDue(id);
      }
      mc.provider.on('sms', { class: 'ok' });
      await mc.work();
      expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 7, error_code: null }]);
      expect((await attemptsOf(id)).map((row) => row.attempt)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    },
  );

  it('unknown where the same reference could reach the person twice: not tried again', async () => {
    mc.provider.isIdempotent = false;
    mc.provider.on('sms', { class: 'unknown_outcome', code: 'timeout' });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 30, is_open: false, error_code: 'timeout' }]);
    expect(await workOf(id)).toEqual([]);
  });

  it('rate_limited: not before the given time, and not counted as a try', async () => {
    mc.provider.on('sms', { class: 'rate_limited', retryAfterMs: 7_200_000 });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    const [next] = await workOf(id);
    expect(next).toMatchObject({ attempts: 0 });
    expect(next?.due_in_s).toBeGreaterThanOrEqual(7_199);
  });

  it('retry with a time: never before it', async () => {
    mc.provider.on('sms', { class: 'retry', retryAfterMs: 7_200_000 });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect((await workOf(id))[0]?.due_in_s).toBeGreaterThanOrEqual(7_199);
  });

  it('is each delivery’s own, within one batch', async () => {
    mc.provider.on('sms', ({ address }) =>
      address === '13800000001'
        ? { class: 'ok' }
        : address === '13800000002'
          ? { class: 'bad_recipient' }
          : { class: 'retry' },
    );
    const id = await mc.send({ to: users('u1', 'u2', 'u3', 'u4'), ...sms });
    await mc.work();
    expect((await mc.deliveries(id)).map((row) => row.status)).toEqual([20, 31, 11, 11]);
    const next = await workOf(id);
    expect(next.flatMap((row) => row.seqs)).toEqual([32, 48]);
  });

  it('an adapter that throws is an unknown outcome, and the batch is not lost', async () => {
    mc.provider.on('sms', () => Promise.reject(new Error('a bug')));
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    expect(await attemptsOf(id)).toMatchObject([{ outcome: 'unknown_outcome', code: 'adapter_threw' }]);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11 }]);
  });
});

describe('any', () => {
  it('starts the next channel at once where the address is bad', async () => {
    mc.provider.on('sms', { class: 'bad_recipient', code: 'gone' });
    const id = await mc.send({ to: users('u1') });
    await mc.work('sms');
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, error_code: 'gone' },
      { channel: 'mail', status: 0, is_open: true },
    ]);
    await mc.work('mail');
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', chains: 1, ended: 1, failed: 1, sent: 1 });
    expect(await mc.rows('SELECT 1 FROM dead_letter')).toEqual([]);
  });

  it('starts the next channel after three tries', async () => {
    mc.provider.on('sms', { class: 'retry' });
    const id = await mc.send({ to: users('u1') });
    for (const rows of [1, 1, 2]) {
      await mc.work('sms');
      expect(await mc.deliveries(id)).toHaveLength(rows);
      await mc.makeDue(id);
    }
    const [first, second] = await mc.deliveries(id);
    expect([first?.channel, first?.status, second?.channel]).toEqual(['sms', 31, 'mail']);
    expect((await workOf(id)).map((row) => row.seqs)).toEqual([[second?.seq]]);
  });

  it('starts the next channel where the first was tried for a minute', async () => {
    mc.provider.on('sms', { class: 'rate_limited', retryAfterMs: 1000 });
    const id = await mc.send({ to: users('u1') });
    await mc.work('sms');
    expect(await mc.deliveries(id)).toHaveLength(1);
    await mc.backdate(id, 61);
    await mc.work('sms');
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 31 }, { channel: 'mail' }]);
  });

  it('ends at the portal when everything else fails', async () => {
    mc.provider.on('sms', { class: 'bad_recipient' });
    mc.provider.on('mail', { class: 'bad_recipient' });
    const id = await mc.send({ to: users('u1', 'u2') });
    await mc.work('sms');
    await mc.work('mail');
    expect((await mc.deliveries(id)).map((row) => [row.channel, row.status])).toEqual([
      ['sms', 31],
      ['mail', 31],
      ['portal', 40],
      ['sms', 31],
      ['mail', 31],
      ['portal', 40],
    ]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', chains: 2, ended: 2, failed: 4, delivered: 2 });
  });

  it('skips a channel the recipient has left meanwhile, and the app he has left altogether', async () => {
    mc.provider.on('sms', { class: 'bad_recipient' });
    const [one, two] = [await mc.send({ to: users('u1') }), await mc.send({ to: users('u2') })];
    await mc.rows(`INSERT INTO opt_out VALUES ('u1', 'channel', 'mail'), ('u2', 'app', 'app')`);
    await mc.work('sms');
    expect(await mc.deliveries(one)).toMatchObject([{ channel: 'sms' }, { channel: 'portal' }]);
    expect(await mc.deliveries(two)).toMatchObject([{ channel: 'sms', status: 31 }]);
  });

  it('does not fall back for people outside the directory', async () => {
    mc.provider.on('sms', { class: 'bad_recipient' });
    const id = await mc.send({ to: { addresses: [{ channel: 'sms', address: '13800000001' }] } });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 31 }]);
  });
});

describe('smart', () => {
  beforeAll(async () => {
    await mc.rows(
      `INSERT INTO setting (name, value) VALUES ('smart', '{"order":["sms","mail","portal"],"portalAtOnce":false}')`,
    );
    await mc.rows(
      `INSERT INTO channel_config (channel, smart_success_when, smart_within_s) VALUES ('sms', 'delivered', 120)`,
    );
    await mc.refresh();
  });
  afterAll(async () => {
    await mc.rows('DELETE FROM setting');
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
  });
  const smart = { channels: { mode: 'smart' } } as const;
  const refOf = (): string => mc.provider.sent.at(-1)?.ref ?? '';

  it('keeps the chain open while the proof is awaited', async () => {
    const id = await mc.send({ to: users('u1'), ...smart });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 20, is_open: true }]);
    const [proof] = await workOf(id);
    expect(proof).toMatchObject({ kind: 'proof' });
    expect(proof?.due_in_s).toBeGreaterThan(115);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'dispatched', sent: 1, ended: 0 });
  });

  it('ends with the receipt that proves it', async () => {
    const id = await mc.send({ to: users('u1'), ...smart });
    await mc.work();
    await mc.receipt('sms', refOf(), 'delivered');
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 0, delivered: 1, ended: 1 });
    await mc.makeDue(id);
    await mc.dueWork();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 40, is_open: false }]);
  });

  it('starts the next channel where no proof came, and a proof that comes later still counts', async () => {
    const id = await mc.send({ to: users('u1'), ...smart });
    await mc.work();
    const first = refOf();
    await mc.makeDue(id);
    await mc.dueWork();
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 20, is_open: false },
      { channel: 'mail', status: 0, is_open: true },
    ]);
    await mc.receipt('sms', first, 'delivered');
    await mc.work();
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', chains: 1, ended: 1, delivered: 1, sent: 1 });
  });

  it('starts the next channel at once where the receipt says that it failed', async () => {
    const id = await mc.send({ to: users('u1'), ...smart });
    await mc.work();
    await mc.receipt('sms', refOf(), 'failed');
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, is_open: false },
      { channel: 'mail', status: 0 },
    ]);
  });

  it('ends a cancelled message although its proof is still awaited', async () => {
    const id = await mc.send({ to: users('u1'), ...smart });
    await mc.work();
    expect(await mc.cancel(id)).toBe('cancelling');
    await mc.dueWork();
    await mc.makeDue(id);
    await mc.dueWork();
    await mc.fold();
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 20, is_open: false }]);
    expect(await mc.state(id)).toMatchObject({ status: 'cancelled', ended: 1 });
  });

  it('awaits no proof for an address outside the directory', async () => {
    const id = await mc.send({
      to: { ...users('u1'), addresses: [{ channel: 'mail', address: 'guest@example.com' }] },
      ...smart,
    });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', is_open: true },
      { channel: 'mail', status: 20, is_open: false },
    ]);
  });
});

describe('a late receipt', () => {
  const refOf = (): string => mc.provider.sent.at(-1)?.ref ?? '';

  it('that says failed after sent starts the fallback, once however often it comes', async () => {
    const id = await mc.send({ to: users('u1') });
    await mc.work();
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed' });
    for (let i = 0; i < 3; i++) await mc.receipt('sms', refOf(), 'failed');
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31 },
      { channel: 'mail', status: 0 },
    ]);
    await mc.work();
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', chains: 1, ended: 1, failed: 1, sent: 1 });
  });

  it('that says failed after delivered changes nothing', async () => {
    const id = await mc.send({ to: users('u1') });
    await mc.work();
    await mc.receipt('sms', refOf(), 'delivered');
    await mc.receipt('sms', refOf(), 'failed');
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 40 }]);
  });

  it('arriving together with its opposite counts by rank', async () => {
    const id = await mc.send({ to: users('u1') });
    await mc.work();
    await mc.rows(
      `INSERT INTO receipt (account, provider_id, status) SELECT 'sms:main', $1, unnest(ARRAY[31, 40, 31])`,
      [refOf()],
    );
    await mc.receipt('sms', refOf(), 'failed');
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 40 }]);
    expect(await mc.rows('SELECT 1 FROM receipt')).toEqual([]);
  });

  it('that arrives before the send is committed is matched later', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    mc.provider.on('sms', async ({ ref }) => {
      await mc.receipt('sms', ref, 'delivered');
      return { class: 'ok', providerRef: ref };
    });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }]);
    await mc.rows('UPDATE receipt SET due_at = now()');
    await mc.receipt('sms', 'somebody else’s', 'delivered');
    expect(await mc.deliveries(id)).toMatchObject([{ status: 40 }]);
    expect(await mc.rows('SELECT provider_id FROM receipt')).toEqual([{ provider_id: 'somebody else’s' }]);
  });
});

describe('cancelling', () => {
  it('before the fan-out leaves nothing to do', async () => {
    const id = await mc.accept({ to: users('u1') });
    expect(await mc.cancel(id)).toBe('cancelled');
    await mc.fanOut(id);
    expect(await mc.deliveries(id)).toEqual([]);
    expect(await mc.state(id)).toMatchObject({ status: 'cancelled' });
    expect(await workOf(id)).toEqual([]);
  });

  it('a scheduled message keeps it from ever going out', async () => {
    const id = await mc.accept({ to: users('u1'), sendAt: new Date(Date.now() + 60_000).toISOString() });
    expect(await mc.cancel(id)).toBe('cancelled');
    expect(await workOf(id)).toEqual([]);
  });

  it('after the fan-out settles what has not gone out, and only that', async () => {
    mc.provider.on('sms', ({ address }) => (address === '13800000001' ? { class: 'ok' } : { class: 'retry' }));
    const id = await mc.send({ to: users('u1', 'u2'), ...only('sms', 'mail') });
    await mc.work('sms');
    expect(await mc.cancel(id)).toBe('cancelling');
    expect(await mc.cancel(id)).toBe('cancelling');
    await mc.dueWork();
    expect((await mc.deliveries(id)).map((row) => [row.channel, row.status])).toEqual([
      ['sms', 20],
      ['mail', 60],
      ['sms', 60],
      ['mail', 60],
    ]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'cancelled', sent: 1, cancelled: 3 });
    expect(await mc.cancel(id)).toBe('cancelled');
    await mc.work();
    expect(mc.provider.sent).toHaveLength(2);
  });

  it('work that is handed over but not claimed keeps the worker from sending it', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    const ids = await handedOver(mc, 'sms');
    await mc.cancel(id);
    await mc.get(DeliverWorkService).deliver('sms', ids);
    await mc.dueWork();
    expect(mc.provider.sent).toEqual([]);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 60 }]);
  });

  it('while the provider is called lets the truth stand', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    mc.provider.on('sms', async () => {
      await mc.cancel(id);
      await mc.dueWork();
      return { class: 'ok' };
    });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'cancelled', sent: 1 });
  });

  it('while the provider asks for a retry ends at the next look, without a call', async () => {
    const id = await mc.send({ to: users('u1') });
    mc.provider.on('sms', async () => {
      await mc.cancel(id);
      await mc.dueWork();
      return { class: 'bad_config' };
    });
    await mc.work();
    await mc.makeDue(id);
    await mc.work();
    expect(mc.provider.sent).toHaveLength(1);
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 60 }]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'cancelled' });
  });

  it('in the middle of a batch stops its further calls', async () => {
    mc.provider.maxBatch = 1;
    const id = await mc.send({ to: users('u1', 'u2', 'u3'), ...sms });
    mc.provider.on('sms', async () => {
      await mc.cancel(id);
      return { class: 'ok' };
    });
    await mc.work();
    await mc.dueWork();
    expect(mc.provider.sent).toHaveLength(1);
    expect((await mc.deliveries(id)).map((row) => row.status)).toEqual([20, 60, 60]);
  });

  it('what is completed comes too late; of an unknown message it is unknown', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    await mc.fold();
    expect(await mc.cancel(id)).toBe('too_late');
    expect(await mc.cancel('0198c1f2-7a52-7d31-9c6b-3f2e8d1a4b5c')).toBe('unknown');
  });
});

describe('expiry', () => {
  it('ends what no worker ever looked at', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.rows(`UPDATE work SET expires_at = now() - interval '1 second'`);
    await mc.dueWork();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 32, error_code: 'expired' }]);
    expect(await workOf(id)).toEqual([]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', expired: 1 });
  });

  it('is seen by the worker, too: no call after it', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.rows(`UPDATE work SET expires_at = now() - interval '1 second'`);
    await mc.work();
    expect(mc.provider.sent).toEqual([]);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 32 }]);
  });

  it('is 24 h for sms and 72 h for mail, unless the message says otherwise', async () => {
    const id = await mc.send({ to: users('u1'), ...only('sms', 'mail') });
    const hours = (): Promise<{ channel: string; h: number }[]> =>
      mc.rows(
        `SELECT channel, round(extract(epoch FROM expires_at - now()) / 3600)::int AS h FROM work ORDER BY channel`,
      );
    expect(await hours()).toEqual([
      { channel: 'mail', h: 72 },
      { channel: 'sms', h: 24 },
    ]);
    await mc.cancel(id);
    await mc.dueWork();
    await mc.send({ to: users('u1'), ...sms, expiresAt: new Date(Date.now() + 5 * 3_600_000).toISOString() });
    expect(await hours()).toEqual([{ channel: 'sms', h: 5 }]);
  });
});

describe('work', () => {
  it('is done once although its event comes ten times', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    const ids = await handedOver(mc, 'sms');
    await Promise.all(Array.from({ length: 10 }, () => mc.get(DeliverWorkService).deliver('sms', ids)));
    await mc.get(DeliverWorkService).deliver('sms', ids);
    expect(mc.provider.sent).toHaveLength(1);
    expect(await attemptsOf(id)).toHaveLength(1);
  });

  it('of another channel or not due yet is nothing to an event that names it, as one from before a restore may', async () => {
    const [mail, later] = [
      await mc.send({ to: users('u1'), ...only('mail') }),
      await mc.send({ to: users('u2'), ...sms }),
    ];
    await mc.rows(`UPDATE work SET due_at = now() + interval '1 hour' WHERE message_id = $1`, [later]);
    const notDue = await mc.rows<{ id: number }>('SELECT id FROM work WHERE message_id = $1', [later]);
    const ids = await handedOver(mc, 'mail');
    const stale = [...ids, ...notDue.map(({ id }) => id)];
    await mc.get(DeliverWorkService).deliver('sms', stale);
    expect(mc.provider.sent).toEqual([]);
    await Promise.all([
      mc.get(DeliverWorkService).deliver('sms', stale),
      mc.get(DeliverWorkService).deliver('mail', ids),
    ]);
    expect(mc.provider.sent).toMatchObject([{ channel: 'mail', account: 'mail:main', address: 'u1@example.com' }]);
    expect(await attemptsOf(mail)).toMatchObject([{ attempt: 1, is_possible_duplicate: false }]);
    expect(await workOf(later)).toMatchObject([{ kind: 'deliver', claims: 0 }]);
  });

  it('whose lease ran out goes to another worker, as a possible duplicate', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await held(mc, 'sms', ANOTHER_WORKER);
    expect(await mc.work()).toBe(0);
    await mc.rows('UPDATE work SET due_at = now()');
    expect(await mc.work()).toBe(1);
    expect(mc.provider.sent).toHaveLength(1);
    expect(await attemptsOf(id)).toMatchObject([{ attempt: 1, is_possible_duplicate: true }]);
  });

  it('that was lost to another worker is not settled by the first, and both calls stay visible', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    let calls = 0;
    let answerFirst = (): void => undefined;
    mc.provider.on('sms', () => {
      if (++calls > 1) return { class: 'retry', code: 'second' };
      return new Promise((resolve) => (answerFirst = () => resolve({ class: 'bad_recipient', code: 'first' })));
    });
    const slow = mc.work();
    while (calls === 0) await nextTurn();
    await mc.rows('UPDATE work SET due_at = now()');
    await held(mc, 'sms', ANOTHER_WORKER);
    answerFirst();
    await slow;
    expect(await mc.deliveries(id)).toMatchObject([{ status: 0 }]);
    await mc.rows('UPDATE work SET due_at = now()');
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11, error_code: 'second' }]);
    expect(await attemptsOf(id)).toMatchObject([{ attempt: 1, is_possible_duplicate: true }]);
  });

  it('is left alone by a worker that stood still for longer than its lease: the one that has it then calls', async () => {
    mc.provider.maxBatch = 1;
    const id = await mc.send({ to: users('u1', 'u2', 'u3'), ...sms });
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now');
    mc.provider.on('sms', async () => {
      if (mc.provider.sent.length > 1) return { class: 'ok' };
      clock.mockImplementation(() => now() + LEASE_S * 1000);
      await mc.rows('UPDATE work SET due_at = now()');
      await held(mc, 'sms', ANOTHER_WORKER);
      return { class: 'ok' };
    });
    await mc.work();
    expect(mc.provider.sent.map(({ address }) => address)).toEqual(['13800000001']);
    await mc.rows('UPDATE work SET due_at = now()');
    await mc.work();
    clock.mockRestore();
    expect(mc.provider.sent.map(({ address }) => address.at(-1)).join('')).toBe('1123');
    expect(await attemptsOf(id)).toMatchObject(Array(3).fill({ is_possible_duplicate: true }));
  });

  it('that nobody took from a worker that stood still is due again, as if it had not been tried', async () => {
    mc.provider.maxBatch = 1;
    const id = await mc.send({ to: users('u1', 'u2'), ...sms });
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now');
    mc.provider.on('sms', () => {
      if (mc.provider.sent.length === 1) clock.mockImplementation(() => now() + LEASE_S * 1000);
      return { class: 'ok' };
    });
    await mc.work();
    clock.mockRestore();
    expect(await workOf(id)).toMatchObject([{ kind: 'deliver', attempts: 0, claims: 0, seqs: [16] }]);
    await mc.work();
    expect(mc.provider.sent.map(({ address }) => address.at(-1)).join('')).toBe('12');
    expect(await attemptsOf(id)).toMatchObject(Array(2).fill({ is_possible_duplicate: false }));
  });

  it('that failed before any call is given back unharmed', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    const ids = await handedOver(mc, 'sms');
    await mc.rows(`UPDATE provider_account SET secrets = '\\x00' WHERE channel = 'sms'`);
    await mc.refresh();
    await expect(mc.get(DeliverWorkService).deliver('sms', ids)).rejects.toThrow('MASTER_KEY');
    await mc.rows(`UPDATE provider_account SET secrets = NULL WHERE channel = 'sms'`);
    await mc.refresh();
    expect(await workOf(id)).toMatchObject([{ kind: 'deliver', claims: 0 }]);
    await mc.makeDue(id);
    await mc.work();
    expect(await attemptsOf(id)).toMatchObject([{ outcome: 'ok', is_possible_duplicate: false }]);
  });

  it('of a reader who was faster than the provider’s answer opens no second channel', async () => {
    const id = await mc.send({ to: users('u1') });
    mc.provider.on('sms', async () => {
      await mc.receipt('sms', 'nothing', 'read');
      await mc.rows(
        `INSERT INTO provider_ref (account, provider_id, message_id, seq) SELECT 'sms:main', 'early', message_id, seq FROM delivery WHERE message_id = $1`,
        [id],
      );
      await mc.receipt('sms', 'early', 'read');
      return { class: 'bad_recipient' };
    });
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms', status: 50 }]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', read: 1, ended: 1 });
  });

  it('waits for the administrator where the account names a provider that does not exist', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.rows(`UPDATE provider_account SET provider = 'nobody' WHERE channel = 'sms'`);
    await mc.refresh();
    await mc.work();
    await mc.rows(`UPDATE provider_account SET provider = 'scripted' WHERE channel = 'sms'`);
    await mc.refresh();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11, error_code: 'unknown_provider' }]);
    expect(await workOf(id)).toMatchObject([{ kind: 'deliver', attempts: 1 }]);
  });

  it('waits for the administrator where the account is missing or switched off', async () => {
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.rows(`UPDATE provider_account SET enabled = false WHERE channel = 'sms'`);
    await mc.refresh();
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 11, error_code: 'not_configured' }]);
    await mc.rows(`UPDATE provider_account SET enabled = true WHERE channel = 'sms'`);
    await mc.refresh();
    await mc.makeDue(id);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }]);
  });
});

describe('content', () => {
  it('is that of the template version the message was accepted with', async () => {
    await mc.addTemplate('pinned', { portal: { text: 'old {{name}}' } });
    const id = await mc.send({ to: users('u1'), ...sms, template: { code: 'pinned' }, params: { name: 'Ann' } });
    await mc.addTemplate('pinned', { portal: { text: 'new {{name}}' } });
    await mc.work();
    expect(mc.provider.sent).toMatchObject([{ content: { text: 'old Ann' } }]);
    await mc.send({ to: users('u1'), ...sms, template: { code: 'pinned' }, params: { name: 'Ann' } });
    await mc.work();
    expect(mc.provider.sent.at(-1)).toMatchObject({ content: { text: 'new Ann' } });
    expect(await mc.row('SELECT template_version_id IS NOT NULL AS pinned FROM message WHERE id = $1', [id])).toEqual({
      pinned: true,
    });
  });

  it('takes the recipient’s own params over the message’s', async () => {
    await mc.addTemplate('personal', { portal: { text: 'Hi {{name}}' } });
    await mc.send({
      to: { users: [{ id: 'u1', params: { name: 'One' } }, { id: 'u2' }] },
      ...sms,
      template: { code: 'personal' },
      params: { name: 'all' },
    });
    await mc.work();
    expect(mc.provider.sent.map((sent) => sent.content.text)).toEqual(['Hi One', 'Hi all']);
  });

  it('hands the same reference to every try, and a number of the try', async () => {
    mc.provider.on('sms', { class: 'retry' });
    const id = await mc.send({ to: users('u1'), ...sms });
    await mc.work();
    await mc.makeDue(id);
    await mc.work();
    const [first, second] = mc.provider.sent;
    expect(second?.ref).toBe(first?.ref);
    expect([first?.attempt, second?.attempt]).toEqual([1, 2]);
  });
});
