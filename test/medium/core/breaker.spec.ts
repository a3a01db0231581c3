import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountHealthRepository, DeliveryLogRepository } from '#entities';
import { Metrics } from '#platform';
import type { Outcome } from '#providers';
import { DeliverWorkService } from '../../../apps/channel-worker/src/delivery/deliver-work.service.js';
import { handedOver, only } from '../../support/core-steps.js';
import { accountsCore, users, type AccountsCore } from './accounts.fixture.js';
import { emptying } from '../../support/emptying.js';

const PEOPLE = Array.from({ length: 40 }, (_, i) => `u${i}`);
let mc: AccountsCore;
beforeAll(async () => {
  mc = await accountsCore();
  await mc.addApp('app');
  for (const [i, id] of PEOPLE.entries())
    await mc.addUser(id, { sms: `138000000${10 + i}`, mail: `${id}@example.com` });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  await mc.tidy();
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const sms = only('sms');
const down: Outcome = { class: 'retry', code: 'http_503', words: 'overloaded' };

/** A message to so many people, its deliveries in so many pieces of work. */
async function sendInPieces(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (const person of PEOPLE.slice(0, count)) ids.push(await mc.send({ to: users(person), ...sms }));
  return ids;
}

/** Calls fail until the circuit opens; what was tried on the way is gone. */
async function openCircuit(): Promise<void> {
  mc.provider.on('sms', down);
  mc.provider.maxBatch = 1;
  await sendInPieces(10);
  await mc.work();
  expect(await mc.health('sms:main')).toMatchObject({ state: 'open', code: 'http_503', words: 'overloaded' });
  await mc.rows(emptying('work, message, message_state, delivery, delivery_attempt, settlement'));
  mc.provider.sent.length = 0;
}

describe('an account whose provider fails', () => {
  it('is called no more after ten failures in a row; the rest waits uncounted, without an attempt', async () => {
    mc.provider.on('sms', down);
    mc.provider.maxBatch = 1;
    const id = await mc.send({ to: users(...PEOPLE), ...sms });
    await mc.work();
    expect(mc.provider.sent).toHaveLength(10);
    expect(await mc.attempts(id)).toHaveLength(10);
    const health = await mc.health('sms:main');
    expect(health).toMatchObject({ state: 'open', code: 'http_503', opened: 1 });
    expect(health.until_in_s).toBeGreaterThan(3);
    expect(health.until_in_s).toBeLessThanOrEqual(6);
    const untried = (await mc.deliveries(id)).filter(({ attempts }) => attempts === 0);
    expect(untried).toHaveLength(30);
    expect(new Set(untried.map(({ status }) => status))).toEqual(new Set([0]));
    const waiting = (await mc.waiting(id)).filter(({ attempts }) => attempts === 0);
    expect(waiting.flatMap(({ seqs }) => seqs)).toHaveLength(30);
    for (const { due_in_s: dueInS } of waiting) expect(dueInS).toBeGreaterThan(health.until_in_s - 1);
    const shown = await mc.get(DeliveryLogRepository).list(id, -1, null, 100);
    expect(shown.filter(({ nextTryAt }) => nextTryAt !== null)).toHaveLength(40);
  });

  it('is not called while its circuit is open, by however much work', async () => {
    await openCircuit();
    await sendInPieces(20);
    await mc.work();
    await mc.rows('UPDATE work SET due_at = now()');
    await mc.work();
    expect(mc.provider.sent).toEqual([]);
    expect((await mc.waiting()).map(({ attempts }) => attempts)).toEqual(Array(20).fill(0));
  });

  it('is tried with one delivery at a time, over all workers, and goes on when that works', async () => {
    await openCircuit();
    const other = await accountsCore({}, mc.databaseUrl);
    try {
      await sendInPieces(20);
      await mc.endPause('sms:main');
      await other.refresh();
      const answers: (() => void)[] = [];
      for (const { provider } of [mc, other])
        provider.on('sms', () => new Promise((answer) => answers.push(() => answer({ class: 'ok' }))));
      const ids = await handedOver(mc, 'sms');
      const batches = ids.map((id, i) => (i % 2 ? mc : other).get(DeliverWorkService).deliver('sms', [id]));
      while (answers.length === 0) await nextTurn();
      // All but the batch that makes the probe are through: they wait.
      while ((await mc.rows('SELECT 1 FROM work WHERE lease_token IS NOT NULL')).length > 1) await nextTurn();
      expect(mc.provider.sent.length + other.provider.sent.length).toBe(1);
      expect(await mc.health('sms:main')).toMatchObject({ state: 'half_open' });
      for (const { provider } of [mc, other]) provider.on('sms', { class: 'ok' });
      answers[0]?.();
      await Promise.all(batches);
      expect(await mc.health('sms:main')).toMatchObject({ state: 'closed', opened: 0, code: null });
      await mc.rows('UPDATE work SET due_at = now()');
      await mc.refresh();
      await mc.work();
      expect(mc.provider.sent.length + other.provider.sent.length).toBe(20);
    } finally {
      await other.close();
    }
  });

  it('waits twice as long after each probe that fails, and raises an alarm after five minutes', async () => {
    await openCircuit();
    await sendInPieces(5);
    const pauses: number[] = [];
    for (let i = 0; i < 8; i++) {
      await mc.endPause('sms:main');
      await mc.rows('UPDATE work SET due_at = now()');
      await mc.work();
      pauses.push((await mc.health('sms:main')).until_in_s);
    }
    expect(mc.provider.sent).toHaveLength(8);
    const expected = [10, 20, 40, 80, 160, 300, 300, 300];
    pauses.forEach((pause, i) => {
      expect(pause).toBeGreaterThan((expected[i] ?? 0) * 0.8 - 2);
      expect(pause).toBeLessThanOrEqual((expected[i] ?? 0) * 1.2);
    });
    expect(await mc.rows('SELECT 1 FROM alarm')).toEqual([]);
    await mc.rows(`UPDATE account_health SET changed_at = now() - interval '6 minutes'`);
    await mc.endPause('sms:main');
    await mc.rows('UPDATE work SET due_at = now()');
    await mc.work();
    expect(await mc.rows('SELECT kind, subject FROM alarm WHERE cleared_at IS NULL')).toEqual([
      { kind: 'circuit_open', subject: 'sms:main' },
    ]);
    mc.provider.on('sms', { class: 'ok' });
    await mc.endPause('sms:main');
    await mc.rows('UPDATE work SET due_at = now()');
    await mc.work();
    expect(await mc.rows('SELECT 1 FROM alarm WHERE cleared_at IS NULL')).toEqual([]);
  });

  it('shows how it is doing in the metrics', async () => {
    await openCircuit();
    await sendInPieces(1);
    await mc.work();
    const text = await mc.get(Metrics).exposition();
    expect(text).toContain('mc_account_state{account="sms:main",state="open"} 1');
    expect(text).toContain('mc_account_state{account="sms:main",state="closed"} 0');
  });

  it('whose probe is never heard of again is tried by somebody else', async () => {
    await openCircuit();
    await sendInPieces(1);
    await mc.endPause('sms:main');
    expect(await mc.get(AccountHealthRepository).claimProbe('sms:main')).toBe(true);
    await mc.refresh();
    await mc.work();
    expect(mc.provider.sent).toEqual([]);
    await mc.endPause('sms:main');
    await mc.rows('UPDATE work SET due_at = now()');
    mc.provider.on('sms', { class: 'ok' });
    await mc.work();
    expect(mc.provider.sent).toHaveLength(1);
    expect(await mc.health('sms:main')).toMatchObject({ state: 'closed' });
  });

  it('is left for the next channel where the wait would outlast the channel’s minute', async () => {
    await openCircuit();
    await mc.rows(`UPDATE account_health SET until = now() + interval '4 minutes'`);
    await mc.refresh();
    const id = await mc.send({ to: users('u1') });
    await mc.work();
    expect(mc.provider.sent.map(({ channel }) => channel)).toEqual(['mail']);
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31, attempts: 0, error_code: 'circuit_open' },
      { channel: 'mail', status: 20, attempts: 1 },
    ]);
    expect((await mc.attempts(id)).map(({ account }) => account)).toEqual(['mail:main']);
  });
});

describe('a burst of failures and then recovery', () => {
  it('delivers everything once, and most of it untried while the provider was down', async () => {
    mc.provider.maxBatch = 1;
    mc.provider.on('sms', down);
    const id = await mc.send({ to: users(...PEOPLE), ...sms });
    await mc.work();
    const callsWhileDown = mc.provider.sent.length;
    mc.provider.on('sms', { class: 'ok' });
    for (let i = 0; i < 5 && (await mc.waiting(id)).length > 0; i++) {
      await mc.endPause('sms:main');
      await mc.makeDue(id);
      await mc.work();
    }
    expect(callsWhileDown).toBe(10);
    expect(mc.provider.sent).toHaveLength(50);
    expect(new Set((await mc.deliveries(id)).map(({ status }) => status))).toEqual(new Set([20]));
  });
});

describe('an account that is rate limited as a whole', () => {
  it.each([
    ['429 with a time', { class: 'rate_limited', code: 'http_429', retryAfterMs: 90_000 }, 90],
    ['429 without one', { class: 'rate_limited', code: 'http_429' }, 60],
    ['out of its day', { class: 'rate_limited', code: '45009', retryAfterMs: 36_000_000, isAccountWide: true }, 36_000],
  ] as const)('%s: nobody calls it before', async (_, outcome, seconds) => {
    mc.provider.on('sms', outcome);
    await sendInPieces(1);
    await mc.work();
    const health = await mc.health('sms:main');
    expect(health).toMatchObject({ state: 'closed', parked_reason: outcome.code });
    expect(health.parked_in_s).toBeGreaterThan(seconds - 5);
    expect(health.parked_in_s).toBeLessThanOrEqual(seconds);
    const id = await mc.send({ to: users('u30'), ...sms });
    await mc.work();
    expect(mc.provider.sent).toHaveLength(1);
    expect((await mc.waiting(id))[0]?.due_in_s).toBeGreaterThanOrEqual(health.parked_in_s - 5);
    mc.provider.on('sms', { class: 'ok' });
    await mc.rows('UPDATE account_health SET parked_until = now()');
    await mc.refresh();
    await mc.makeDue(id);
    await mc.work();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 1 }]);
  });

  it('is no such thing where only one recipient is', async () => {
    mc.provider.on('sms', { class: 'rate_limited', code: '45011', retryAfterMs: 90_000 });
    await sendInPieces(2);
    await mc.work();
    expect(mc.provider.sent).toHaveLength(2);
    expect(await mc.rows('SELECT 1 FROM account_health')).toEqual([]);
  });
});
