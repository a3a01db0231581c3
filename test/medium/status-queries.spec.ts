import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ReceiptRepository,
  StatusAnswerRepository,
  StatusQueryRepository,
  type DueStatusQuery,
  type NewStatusQuery,
} from '#entities';
import { AskProvidersService } from '../../apps/channel-worker/src/status-queries/ask-providers.service.js';
import { coreSteps, only, type CoreSteps, type Sending } from '../support/core-steps.js';
import { emptying } from '../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, status_query',
    ),
  );
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const users = (...ids: string[]): Pick<Sending, 'to'> => ({ to: { users: ids.map((id) => ({ id })) } });
const sms = only('sms');
const ask = (): Promise<boolean> => mc.get(AskProvidersService).ask('sms');
const match = async (): Promise<number> => (await mc.get(ReceiptRepository).matchDue(1000)).matched;
const makeDue = (): Promise<unknown> => mc.rows('UPDATE status_query SET due_at = now()');
const queries = (): Promise<{ ref: string; kind: string; tries: number; in_s: number }[]> =>
  mc.rows(`SELECT ref, kind, tries, extract(epoch FROM due_at - now())::float8 AS in_s FROM status_query ORDER BY id`);
const statusOf = async (id: string): Promise<number | undefined> => (await mc.deliveries(id))[0]?.status;

const base = (messageId: string, seqs: number[]): Omit<NewStatusQuery, 'ref' | 'kind'> => ({
  channel: 'sms',
  account: 'sms:main',
  messageId,
  seqs,
  dueInMs: 0,
  expiresAt: new Date(Date.now() + 3600_000),
});

const insert = (...rows: NewStatusQuery[]): Promise<void> =>
  mc.database.transaction((tx) => mc.get(StatusQueryRepository).insert(tx, rows));

/** A send that timed out after it was written: the delivery waits, and only its query knows of it. */
async function unknown(sending: Partial<Sending> = sms): Promise<string> {
  mc.provider.isIdempotent = false;
  mc.provider.on('sms', { class: 'unknown_outcome', code: 'timeout', ask: { ref: 'q1', afterMs: 0 } });
  const id = await mc.send({ ...users('u1'), ...sending });
  await mc.work('sms');
  expect(await mc.rows('SELECT 1 FROM work')).toEqual([]);
  mc.provider.on('sms', { class: 'ok' });
  mc.provider.sent.length = 0;
  return id;
}

const endTime = (agoS: number): Promise<unknown> =>
  mc.rows('UPDATE status_query SET expires_at = now() - make_interval(secs => $1)', [agoS]);

describe('a result that comes later', () => {
  it('is asked for, and settles each of its deliveries', async () => {
    const id = await mc.send({ ...users('u1', 'u2', 'u3'), ...sms });
    mc.provider.on('sms', ({ address }) => ({ class: 'ok', providerRef: `task:${address.slice(-1)}` }));
    await mc.work();
    await insert({ ...base(id, [0, 16, 32]), ref: 'task', kind: 'result' });
    mc.provider.onQuery = () => ({
      state: 'ended',
      receipts: [
        { providerRef: 'task:1', status: 'read' },
        { providerRef: 'task:2', status: 'delivered' },
        { providerRef: 'task:3', status: 'failed', code: '143106', words: 'same content' },
      ],
    });
    await ask();
    await match();
    expect((await mc.deliveries(id)).map(({ status, error_code }) => [status, error_code])).toEqual([
      [50, null],
      [40, null],
      [31, '143106'],
    ]);
    expect([mc.provider.asked, await queries()]).toEqual([[['task']], []]);
  });

  it('is asked for again along the ladder while it is not there, and keeps what it brought so far', async () => {
    const id = await mc.send({ ...users('u1', 'u2'), ...sms });
    mc.provider.on('sms', ({ address }) => ({ class: 'ok', providerRef: `task:${address.slice(-1)}` }));
    await mc.work();
    await insert({ ...base(id, [0, 16]), ref: 'task', kind: 'result', expiresAt: new Date(Date.now() + 86_400_000) });
    mc.provider.onQuery = () => ({ state: 'waiting', receipts: [{ providerRef: 'task:1', status: 'delivered' }] });
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      await makeDue();
      await ask();
      waits.push((await queries())[0]?.in_s ?? 0);
    }
    [5, 15, 60, 60, 300, 1800, 7200].forEach((seconds, i) => {
      expect(waits[i]).toBeGreaterThan(seconds * 0.9 - 3);
      expect(waits[i]).toBeLessThanOrEqual(seconds * 1.1);
    });
    await match();
    expect((await mc.deliveries(id)).map(({ status }) => status)).toEqual([40, 20]);
  });

  it('is asked for once more at the very end, then no more', async () => {
    const id = await mc.send({ ...users('u1'), ...sms });
    await mc.work();
    await insert({ ...base(id, [0]), ref: 'task', kind: 'result', expiresAt: new Date(Date.now() + 2000) });
    await ask();
    expect((await queries())[0]?.in_s).toBeLessThanOrEqual(2);
    await mc.rows(`UPDATE status_query SET due_at = now(), expires_at = now() - interval '1 second'`);
    await ask();
    expect((await queries())[0]?.in_s).toBeGreaterThan(3600);
    expect(await mc.get(StatusAnswerRepository).endOverdue(10)).toBe(0);
    await mc.rows(`UPDATE status_query SET expires_at = now() - interval '2 minutes'`);
    expect(await mc.get(StatusAnswerRepository).endOverdue(10)).toBe(1);
    expect([await statusOf(id), await queries()]).toEqual([20, []]);
  });

  it('that several messages share is asked for once, and told once', async () => {
    mc.provider.on('sms', ({ address }) => ({ class: 'ok', providerRef: `task:${address.slice(-1)}` }));
    const ids = [await mc.send({ ...users('u1'), ...sms }), await mc.send({ ...users('u2'), ...sms })];
    await mc.work();
    await insert(...ids.map((id): NewStatusQuery => ({ ...base(id, [0]), ref: 'task', kind: 'result' })));
    mc.provider.onQuery = () => ({
      state: 'ended',
      receipts: [1, 2].map((n) => ({ providerRef: `task:${n}`, status: 'delivered' })),
    });
    await ask();
    expect([mc.provider.asked, await queries()]).toEqual([[['task']], []]);
    expect(await match()).toBe(2);
    expect(await Promise.all(ids.map(statusOf))).toEqual([40, 40]);
  });

  it('is asked of its own account only, all that are due at once', async () => {
    const id = await mc.send({ ...users('u1'), ...sms });
    await mc.work();
    const row = { ...base(id, [0]), kind: 'result' } as const;
    await insert({ ...row, ref: 'a' }, { ...row, ref: 'b' }, { ...row, ref: 'c', account: 'sms:gone' });
    await insert({ ...row, ref: 'd', dueInMs: 60_000 }, { ...row, ref: 'e', channel: 'mail', account: 'mail:main' });
    mc.provider.onQuery = (ref) => ({ state: ref === 'a' ? 'ended' : 'waiting', receipts: [] });
    await ask();
    expect(mc.provider.asked.map((refs) => refs.sort())).toEqual([['a', 'b']]);
    expect((await queries()).map(({ ref, tries }) => [ref, tries])).toEqual([
      ['b', 1],
      ['c', 1],
      ['d', 0],
      ['e', 0],
    ]);
  });

  it('of a provider that throws is asked for later', async () => {
    const id = await mc.send({ ...users('u1'), ...sms });
    await mc.work();
    await insert({ ...base(id, [0]), ref: 'a', kind: 'result' });
    mc.provider.onQuery = () => Promise.reject(new Error('a bug'));
    await ask();
    expect(await queries()).toMatchObject([{ ref: 'a', tries: 1 }]);
  });
});

describe('a send of which nobody knows the end', () => {
  it('is sent again where the provider never took it', async () => {
    const id = await unknown();
    mc.provider.onQuery = () => ({ state: 'not_found', receipts: [] });
    await ask();
    expect(await queries()).toEqual([]);
    await mc.work();
    expect(mc.provider.sent).toHaveLength(1);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, attempts: 2 }]);
  });

  it('is settled by what the provider tells of it, under whatever id, and later words find it too', async () => {
    const id = await unknown();
    mc.provider.onQuery = () => ({ state: 'ended', receipts: [{ providerRef: 'biz:1', status: 'sent' }] });
    await ask();
    await match();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, is_open: false }]);
    await mc.receipt('sms', 'biz:1', 'delivered');
    expect(await statusOf(id)).toBe(40);
  });

  it('fails, and falls back, where the provider says so', async () => {
    const id = await unknown({ channels: { mode: 'any' } });
    expect(await mc.deliveries(id)).toMatchObject([{ channel: 'sms' }]);
    mc.provider.onQuery = () => ({
      state: 'ended',
      receipts: [{ providerRef: 'biz:1', status: 'failed', code: 'E1' }],
    });
    await ask();
    await match();
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 31 },
      { channel: 'mail', status: 0 },
    ]);
  });

  it('waits on while the provider does not know yet', async () => {
    const id = await unknown();
    await ask();
    expect(await statusOf(id)).toBe(11);
    expect(await queries()).toMatchObject([{ kind: 'unknown', tries: 1 }]);
  });

  it('is known to have gone out with the first word of it, and can end as unknown no more', async () => {
    const id = await unknown();
    mc.provider.onQuery = () => ({ state: 'waiting', receipts: [{ providerRef: 'biz:1', status: 'sent' }] });
    await ask();
    await match();
    expect(await queries()).toMatchObject([{ kind: 'result' }]);
    await mc.rows(`UPDATE status_query SET expires_at = now() - interval '1 hour'`);
    expect(await mc.get(StatusAnswerRepository).endOverdue(10)).toBe(1);
    expect(await statusOf(id)).toBe(20);
  });

  it('ends as unknown when its time is over: a dead letter with the code it had', async () => {
    const id = await unknown();
    await endTime(30);
    expect(await mc.get(StatusAnswerRepository).endOverdue(10)).toBe(0);
    await endTime(100);
    expect(await mc.get(StatusAnswerRepository).endOverdue(10)).toBe(1);
    expect(await mc.deliveries(id)).toMatchObject([{ status: 30, is_open: false, error_code: 'timeout' }]);
    expect(await mc.rows('SELECT cause FROM dead_letter')).toEqual([{ cause: 'timeout' }]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', unknown: 1 });
  });

  it('ends as unknown where the provider has nothing more to say, and the chain goes on', async () => {
    const id = await unknown({ channels: { mode: 'any' } });
    mc.provider.onQuery = () => ({ state: 'ended', receipts: [] });
    await ask();
    expect(await mc.deliveries(id)).toMatchObject([
      { channel: 'sms', status: 30, is_open: false },
      { channel: 'mail', status: 0, is_open: true },
    ]);
  });

  it('that was cancelled meanwhile is not sent again', async () => {
    const id = await unknown();
    await mc.cancel(id);
    await mc.dueWork();
    expect(await statusOf(id)).toBe(60);
    mc.provider.onQuery = () => ({ state: 'not_found', receipts: [] });
    await ask();
    await mc.work();
    expect(mc.provider.sent).toEqual([]);
    expect(await statusOf(id)).toBe(60);
  });

  it('of mode smart waits for its proof like any other', async () => {
    await mc.rows(
      `INSERT INTO channel_config (channel, smart_success_when, smart_within_s) VALUES ('sms', 'delivered', 30)
       ON CONFLICT (channel) DO UPDATE SET smart_success_when = 'delivered', smart_within_s = 30`,
    );
    await mc.refresh();
    const id = await unknown({ channels: { mode: 'smart' } });
    await mc.rows('DELETE FROM channel_config');
    await mc.refresh();
    mc.provider.onQuery = () => ({ state: 'ended', receipts: [{ providerRef: 'biz:1', status: 'sent' }] });
    await ask();
    await match();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20, is_open: true }]);
    expect(
      await mc.rows(`SELECT kind, seqs, round(extract(epoch FROM due_at - now()) / 10)::int * 10 AS in_s FROM work`),
    ).toEqual([{ kind: 'proof', seqs: [4], in_s: 30 }]);
    await mc.makeDue(id);
    await mc.dueWork();
    expect(await mc.deliveries(id)).toMatchObject([{ status: 20 }, { channel: 'mail', status: 0 }]);
  });
});

describe('two workers', () => {
  const claim = (): Promise<DueStatusQuery[]> => mc.get(StatusQueryRepository).claimDue('sms', 10);

  it('never ask for the same at once', async () => {
    const id = await mc.send({ ...users('u1'), ...sms });
    await mc.work();
    const row = { ...base(id, [0]), kind: 'result' } as const;
    await insert(...Array.from({ length: 20 }, (_, i) => ({ ...row, ref: `r${i}` })));
    const taken = await Promise.all([claim(), claim(), claim()]);
    const refs = taken.flat().map(({ ref }) => ref);
    expect([refs.length, new Set(refs).size]).toEqual([20, 20]);
  });

  it('of which one was too slow: what it brings no longer counts, so nothing is sent twice', async () => {
    const id = await unknown();
    const [slow] = await claim();
    await makeDue();
    const [quick] = await claim();
    const apply = (query: DueStatusQuery | undefined): Promise<unknown> =>
      query
        ? mc.get(StatusAnswerRepository).apply('sms:main', [{ query, state: 'not_found', receipts: [], againInMs: 0 }])
        : Promise.reject(new Error('nothing was claimed'));
    await apply(slow);
    expect(await mc.rows('SELECT 1 FROM work')).toEqual([]);
    await apply(quick);
    await apply(quick);
    expect(await mc.rows('SELECT seqs FROM work WHERE message_id = $1', [id])).toEqual([{ seqs: [0] }]);
  });
});

describe('what is not found', () => {
  it('carries its next try as it was written', async () => {
    await unknown();
    mc.provider.onQuery = () => ({ state: 'not_found', receipts: [] });
    await ask();
    expect(await mc.rows('SELECT kind, app_id, channel, seqs, attempts, expires_at > now() AS live FROM work')).toEqual(
      [{ kind: 'deliver', app_id: 'app', channel: 'sms', seqs: [0], attempts: 1, live: true }],
    );
  });
});
