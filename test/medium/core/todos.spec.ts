import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Channel } from '#contracts';
import {
  CallbackRepository,
  PartitionsRepository,
  ReplayRepository,
  TodoRepository,
  encodeDeliveryRef,
  firstIdAt,
  type SetTodoResult,
  type TodoState,
} from '#entities';
import { IntakeError } from '../../../apps/gateway/src/intake/intake-error.js';
import { coreSteps, only, type CoreSteps, type Sending } from '../../support/core-steps.js';
import { emptying } from '../../support/emptying.js';

let mc: CoreSteps;
beforeAll(async () => {
  mc = await coreSteps();
  await mc.addApp('app');
  await mc.addApp('no-portal', { channels: ['sms', 'smart'] });
  for (const n of [1, 2, 3]) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
  await mc.rows(`INSERT INTO setting (name, value) VALUES ('smart', '{"order":["sms","mail"],"portalAtOnce":false}')`);
  await mc.rows(
    `INSERT INTO channel_config (channel, smart_success_when, smart_within_s) VALUES ('sms', 'delivered', 60)`,
  );
  await mc.refresh();
});
afterEach(async () => {
  await mc.fold();
  const violations = await mc.violations();
  mc.provider.reset();
  await mc.rows(
    emptying(
      'work, message, message_state, delivery, delivery_attempt, settlement, dead_letter, provider_ref, receipt, callback, open_todo, todo_card',
    ),
  );
  await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  expect(violations).toEqual([]);
});
afterAll(() => mc.close());

const users = (...ids: string[]): Pick<Sending, 'to'> => ({ to: { users: ids.map((id) => ({ id })) } });
const todo = { kind: 'todo' as const, content: { title: 'Report', text: 'Hand it in.' } };
const setAll = (id: string, state: TodoState = 'done'): Promise<SetTodoResult> =>
  mc.get(TodoRepository).setAll(id, 'app', state);
const setOne = async (id: string, userId: string, state: TodoState = 'done'): Promise<{ changed: boolean } | null> => {
  const { seq } = await mc.row<{ seq: number }>(
    `SELECT seq FROM delivery WHERE message_id = $1 AND recipient = $2 AND channel = 'portal'`,
    [id, userId],
  );
  return mc.get(TodoRepository).setOne({ messageId: id, seq }, state);
};
/** `recipient channel status` of every delivery, in the order of the report. */
const standing = async (id: string): Promise<string[]> =>
  (await mc.deliveries(id)).map(({ recipient, channel, status }) => `${recipient} ${channel} ${status}`);
const inboxOf = async (id: string): Promise<(number | null)[]> =>
  (
    await mc.rows<{ inbox_state: number | null }>(
      `SELECT inbox_state FROM delivery WHERE message_id = $1 AND channel = 'portal' ORDER BY seq`,
      [id],
    )
  ).map((row) => row.inbox_state);

describe('a to-do', () => {
  it.each<[string, Partial<Sending>, string[]]>([
    ['a list without the portal', only('sms'), ['u1 sms 0', 'u1 portal 40']],
    ['a list with it', only('portal', 'sms'), ['u1 sms 0', 'u1 portal 40']],
    ['the portal only', only('portal'), ['u1 portal 40']],
    ['any', { channels: { mode: 'any' } }, ['u1 sms 0', 'u1 portal 40']],
    ['smart, where the administrator wants no portal', { channels: { mode: 'smart' } }, ['u1 sms 0', 'u1 portal 40']],
  ])('stands in the portal, once: %s', async (_, sending, expected) => {
    const id = await mc.send({ ...users('u1'), ...todo, ...sending });
    expect(await standing(id)).toEqual(expected);
    expect(await inboxOf(id)).toEqual([4]);
  });

  it('stands there also where its app may not use the portal', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, ...only('sms') }, 'no-portal');
    expect(await standing(id)).toEqual(['u1 sms 0', 'u1 portal 40']);
  });

  it('with every channel has one portal row beside them', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, channels: { mode: 'all' } });
    expect((await standing(id)).sort()).toEqual(['u1 mail 0', 'u1 portal 40', 'u1 sms 0']);
  });

  it.each<[string, Channel[]]>([
    ['beside other channels', ['sms']],
    ['in the portal only', ['portal']],
  ])('says of somebody unknown that he is (%s)', async (_, list) => {
    const id = await mc.send({ ...users('nobody'), ...todo, ...only(...list) });
    expect(await mc.deliveries(id)).toMatchObject([
      { recipient: 'nobody', status: 31, error_code: 'unknown_recipient' },
    ]);
    expect(await setAll(id)).toEqual({ kind: 'set', receivers: 0, changed: 0, duplicates: 0 });
  });

  it('is refused where the portal would show no words', async () => {
    await mc.addTemplate('sms-only', { sms: { text: 'Do it' } });
    await expect(
      mc.accept({ ...users('u1'), kind: 'todo', template: { code: 'sms-only' }, ...only('sms') }),
    ).rejects.toMatchObject({
      code: 'content_missing',
      details: { channel: 'portal' },
    });
  });
});

describe('setting a to-do', () => {
  it('of another app, of a notice or on its way to its receivers is answered so and changes nothing', async () => {
    const notice = await mc.send({ ...users('u1'), ...only('portal') });
    const waiting = await mc.accept({ ...users('u1'), ...todo, ...only('portal') });
    const sent = await mc.send({ ...users('u1'), ...todo, ...only('portal') });
    expect(await setAll('no message id')).toEqual({ kind: 'unknown' });
    expect(await mc.get(TodoRepository).setAll(sent, 'no-portal', 'done')).toEqual({ kind: 'unknown' });
    expect(await setAll(notice)).toEqual({ kind: 'not_todo' });
    expect(await setAll(waiting)).toEqual({ kind: 'dispatching' });
    expect(await setOne(notice, 'u1')).toBeNull();
    expect([...(await inboxOf(notice)), ...(await inboxOf(sent))]).toEqual([2, 4]);
  });

  it('answers how many receivers have it so, and for how many of them that is new', async () => {
    const id = await mc.send({ ...users('u1', 'u2', 'nobody'), ...todo, ...only('portal') });
    expect(await setOne(id, 'u2')).toEqual({ changed: true });
    expect(await setOne(id, 'u2')).toEqual({ changed: false });
    expect(await setAll(id)).toEqual({ kind: 'set', receivers: 2, changed: 1, duplicates: 0 });
    expect(await setAll(id)).toEqual({ kind: 'set', receivers: 2, changed: 0, duplicates: 0 });
    expect(await setAll(id, 'open')).toEqual({ kind: 'set', receivers: 2, changed: 2, duplicates: 0 });
    expect(await mc.rows('SELECT inbox_state, done_at FROM delivery WHERE inbox_state IS NOT NULL')).toEqual([
      { inbox_state: 4, done_at: null },
      { inbox_state: 4, done_at: null },
    ]);
  });

  describe('that may not be sent twice while it is open', () => {
    const equal = { ...todo, ...only('portal'), openTodo: { digest: 'ab'.repeat(32) } };
    const open = async (): Promise<string[]> =>
      (await mc.rows<{ user_id: string }>('SELECT user_id FROM open_todo ORDER BY user_id')).map((row) => row.user_id);
    const codeOf = (sending: Sending): Promise<string> =>
      mc.accept(sending).then(
        () => 'accepted',
        (error: unknown) => (error instanceof IntakeError ? error.code : String(error)),
      );

    it('frees the place of an equal one, and takes it back when it is opened again, by whichever way', async () => {
      const id = await mc.send({ ...users('u1', 'u2'), ...equal });
      expect(await open()).toEqual(['u1', 'u2']);
      await setOne(id, 'u1');
      expect(await open()).toEqual(['u2']);
      await setAll(id);
      expect(await open()).toEqual([]);
      await setOne(id, 'u2', 'open');
      expect(await open()).toEqual(['u2']);
      await setAll(id, 'open');
      expect(await open()).toEqual(['u1', 'u2']);
      expect(await codeOf({ ...users('u2', 'u3'), ...equal })).toBe('todo_duplicate');
      await setAll(id);
      expect(await codeOf({ ...users('u1', 'u2'), ...equal })).toBe('accepted');
    });

    it('stays done for those who have a newer one open, and their card with it', async () => {
      const old = await mc.send({ ...users('u1', 'u2'), ...equal, statusCallback: 'http://127.0.0.1:9/hook' });
      await mc.rows(
        `INSERT INTO todo_card (message_id, seq, channel, account, address, code, expires_at)
         SELECT message_id, seq, 'wecom', 'wecom:1', recipient, 'c', now() + interval '1 hour' FROM delivery WHERE message_id = $1`,
        [old],
      );
      await setAll(old);
      const newer = await mc.send({ ...users('u1'), ...equal });
      await expect(setOne(old, 'u1', 'open')).rejects.toMatchObject({ code: 'conflict', kind: 'conflict' });
      expect(await setAll(old, 'open')).toMatchObject({
        receivers: 1,
        changed: 1,
        duplicates: 1,
      });
      expect([await inboxOf(old), await inboxOf(newer)]).toEqual([[3, 4], [4]]);
      expect(await mc.rows('SELECT address, due_at IS NULL AS waits FROM todo_card ORDER BY address')).toEqual([
        { address: 'u1', waits: false },
        { address: 'u2', waits: true },
      ]);
      expect(
        await mc.rows(`SELECT e->>'uid' AS uid FROM callback, jsonb_array_elements(items) e
                             WHERE e->>'state' = 'open'`),
      ).toEqual([{ uid: 'u2' }]);
      await setAll(newer);
      expect(await setOne(old, 'u1', 'open')).toEqual({ changed: true });
      expect(await codeOf({ ...users('u1'), ...equal })).toBe('todo_duplicate');
    });

    it('remembers it after a cancelling, too', async () => {
      const id = await mc.send({ ...users('u1', 'u2'), ...equal, ...only('sms') });
      expect(await mc.cancel(id)).toBe('cancelling');
      await setOne(id, 'u1');
      await setOne(id, 'u1', 'open');
      expect(await open()).toEqual(['u1']);
    });

    it('is no place of somebody whom the directory does not know any more', async () => {
      await mc.addUser('gone');
      const id = await mc.send({ ...users('gone'), ...equal });
      await setAll(id);
      await mc.rows(`DELETE FROM recipient WHERE user_id = 'gone'`);
      expect(await setAll(id, 'open')).toMatchObject({ receivers: 1, changed: 1, duplicates: 0 });
      expect(await open()).toEqual([]);
    });
  });

  it('tells the app once what has changed, a hundred receivers a call', async () => {
    await mc.rows(
      `INSERT INTO recipient (user_id) SELECT 'c' || g FROM generate_series(1, 150) g ON CONFLICT DO NOTHING`,
    );
    const ids = Array.from({ length: 150 }, (_, i) => `c${i + 1}`);
    const id = await mc.send({
      ...users(...ids),
      ...todo,
      ...only('portal'),
      statusCallback: 'http://127.0.0.1:9/hook',
    });
    await mc.fold();
    await mc.rows(emptying('callback'));
    await setOne(id, 'c1');
    await setAll(id);
    await setAll(id);
    await setOne(id, 'c1', 'done');
    await setOne(id, 'c7', 'open');
    const calls = await mc.rows<{ type: string; items: { uid: string; state: string; ref_no: string }[] }>(
      'SELECT type, items FROM callback ORDER BY id',
    );
    expect(calls.map(({ type, items }) => [type, items.length])).toEqual([
      ['todo.status', 1],
      ['todo.status', 100],
      ['todo.status', 49],
      ['todo.status', 1],
    ]);
    expect(calls[0]?.items).toMatchObject([{ uid: 'c1', state: 'done', ref_no: id }]);
    expect(calls[3]?.items).toMatchObject([{ uid: 'c7', state: 'open', ref_no: id }]);
    const told = calls.slice(1, 3).flatMap(({ items }) => items.map(({ uid }) => uid));
    expect(new Set(told).size).toBe(149);
  });
});

describe('a to-do that is done', () => {
  it('is not sent any more: what waited is skipped, what is tried again is not', async () => {
    mc.provider.on('mail', { class: 'retry', code: 'busy' });
    const id = await mc.send({ ...users('u1', 'u2'), ...todo, ...only('sms', 'mail') });
    await mc.work('mail');
    expect(await setOne(id, 'u1')).toEqual({ changed: true });
    await mc.makeDue(id);
    mc.provider.on('mail', { class: 'ok' });
    await mc.work();
    expect(await standing(id)).toEqual([
      'u1 sms 62',
      'u1 mail 62',
      'u1 portal 40',
      'u2 sms 20',
      'u2 mail 20',
      'u2 portal 40',
    ]);
    expect(mc.provider.sentTo('13800000001')).toEqual([]);
    expect(mc.provider.sentTo('u1@example.com')).toHaveLength(1);
    expect(await mc.rows('SELECT 1 FROM work')).toEqual([]);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', skipped: 2, sent: 2, delivered: 2 });
  });

  it('is not sent to a device of who has done it either, though the audience names the device beside him', async () => {
    await mc.rows(
      `INSERT INTO device (token, user_id, platform, owned_since) VALUES ('of-u1', 'u1', 'ios', now() - interval '1 day'),
              ('of-u2', 'u2', 'ios', now() - interval '1 day')`,
    );
    const to = { users: [{ id: 'u1' }, { id: 'u2' }], devices: { tokens: ['of-u1', 'of-u2'] } };
    const id = await mc.send({ to, ...todo, ...only('portal') });
    expect(await setOne(id, 'u1')).toEqual({ changed: true });
    await mc.makeDue(id);
    await mc.work();
    await mc.rows('DELETE FROM device');
    expect(mc.provider.sentTo('of-u1')).toEqual([]);
    expect(mc.provider.sentTo('of-u2')).toHaveLength(1);
  });

  it('waits for no proof and starts no fallback', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, channels: { mode: 'smart' } });
    await mc.work('sms');
    await setAll(id);
    await mc.makeDue(id);
    await mc.dueWork();
    expect(await standing(id)).toEqual(['u1 sms 20', 'u1 portal 40']);
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 1 });
  });

  it('starts none after a late failure either', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, channels: { mode: 'any' } });
    await mc.work('sms');
    await setAll(id);
    await mc.receipt('sms', mc.provider.sent[0]?.ref ?? '', 'failed');
    expect(await standing(id)).toEqual(['u1 sms 31', 'u1 portal 40']);
  });

  it('nor where the provider fails while it is being closed', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, channels: { mode: 'any' } });
    mc.provider.on('sms', async () => {
      await setAll(id);
      return { class: 'bad_recipient' };
    });
    await mc.work('sms');
    expect(await standing(id)).toEqual(['u1 sms 31', 'u1 portal 40']);
  });

  it('is not sent by a worker that has it in hand already', async () => {
    const id = await mc.send({ ...users('u1', 'u2'), ...todo, ...only('sms') });
    mc.provider.maxBatch = 1;
    mc.provider.on('sms', async () => {
      await setAll(id);
      return { class: 'ok' };
    });
    await mc.work('sms');
    expect(mc.provider.sent).toHaveLength(1);
    expect(await standing(id)).toEqual(['u1 sms 20', 'u1 portal 40', 'u2 sms 62', 'u2 portal 40']);
    expect((await mc.deliveries(id))[2]?.error_code).toBe('todo_done');
  });

  it('gives back what its SMS took of the quota', async () => {
    await mc.rows(`UPDATE client_app SET sms_quota_total = 100 WHERE app_id = 'app'`);
    await mc.refresh();
    try {
      const id = await mc.send({ ...users('u1', 'u2'), ...todo, ...only('sms') });
      await setOne(id, 'u1');
      expect(await mc.row(`SELECT max(used)::int AS used FROM sms_budget WHERE app_id = 'app'`)).toEqual({ used: 1 });
    } finally {
      await mc.rows(`UPDATE client_app SET sms_quota_total = NULL`);
      await mc.refresh();
    }
  });

  it('is not sent again from the dead letters', async () => {
    mc.provider.on('sms', { class: 'bad_content' });
    const id = await mc.send({ ...users('u1', 'u2'), ...todo, channels: { mode: 'any' } }, 'no-portal');
    await mc.work('sms');
    await setOne(id, 'u1');
    const replay = await mc
      .get(ReplayRepository)
      .replay({ filter: { messageId: id }, perSecond: 100, actor: 'admin', ip: null, idempotency: null });
    expect(replay).toMatchObject({ replayed: 1, refused: { todo_done: 1 } });
  });

  it('is not brought back by opening it again', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, ...only('sms') });
    await setAll(id);
    await setAll(id, 'open');
    expect(await mc.work()).toBe(0);
    expect(await inboxOf(id)).toEqual([4]);
  });
});

describe('a to-do that is cancelled', () => {
  it('leaves the inboxes of those who have not done it', async () => {
    const id = await mc.send({ ...users('u1', 'u2'), ...todo, ...only('sms') });
    await setOne(id, 'u1');
    expect(await mc.cancel(id)).toBe('cancelling');
    await mc.dueWork();
    expect(await inboxOf(id)).toEqual([3, null]);
    expect(await setOne(id, 'u2')).toBeNull();
  });
});

describe('at scale', () => {
  it('closes a to-do of ten thousand receivers, half sent and half waiting, in one go', async () => {
    await mc.rows(
      `WITH r AS (INSERT INTO recipient (user_id) SELECT 'k' || lpad(g::text, 5, '0') FROM generate_series(1, 10000) g RETURNING user_id)
       INSERT INTO recipient_address (user_id, channel, address) SELECT user_id, 'sms', user_id FROM r`,
    );
    const ids = Array.from({ length: 10_000 }, (_, i) => `k${String(i + 1).padStart(5, '0')}`);
    const id = await mc.send({ ...users(...ids), ...todo, ...only('sms') });
    await mc.rows(`UPDATE work SET due_at = now() + interval '1 hour' WHERE seqs[1] >= 80000`);
    await mc.work('sms');
    expect(await setAll(id)).toMatchObject({ receivers: 10_000, changed: 10_000 });
    await mc.fold();
    expect(await mc.state(id)).toMatchObject({ status: 'completed', sent: 5000, skipped: 5000, delivered: 10_000 });
    expect(await mc.rows('SELECT 1 FROM work')).toEqual([]);
  });

  it('closes one that was broken off half-way when it is asked again, and tells of nobody twice', async () => {
    await mc.rows(
      `INSERT INTO recipient (user_id) SELECT 'h' || lpad(g::text, 4, '0') FROM generate_series(1, 6000) g`,
    );
    const ids = Array.from({ length: 6000 }, (_, i) => `h${String(i + 1).padStart(4, '0')}`);
    const equal = { ...todo, ...only('sms'), openTodo: { digest: 'ef'.repeat(32) } };
    const id = await mc.send({
      ...users(...ids),
      ...equal,
      statusCallback: 'http://127.0.0.1:9/hook',
      remindEveryS: 3600,
    });
    await mc.fold();
    await mc.rows(emptying('callback'));
    await mc.rows(`CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken off'; END $$`);
    await mc.rows(
      `CREATE TRIGGER fails BEFORE UPDATE ON delivery FOR EACH ROW WHEN (new.recipient = 'h5500') EXECUTE FUNCTION fails()`,
    );
    try {
      await expect(setAll(id)).rejects.toThrow('broken off');
    } finally {
      await mc.rows('DROP FUNCTION fails CASCADE');
    }
    const left = (): Promise<unknown> =>
      mc.row(
        `SELECT (SELECT count(*)::int FROM delivery WHERE inbox_state = 4) AS rows, (SELECT count(*)::int FROM open_todo) AS places,
                (SELECT count(*)::int FROM work WHERE kind = 'remind') AS reminded`,
      );
    expect(await left()).toEqual({ rows: 1000, places: 1000, reminded: 1 });
    expect(await setAll(id)).toEqual({ kind: 'set', receivers: 6000, changed: 1000, duplicates: 0 });
    expect(await left()).toEqual({ rows: 0, places: 0, reminded: 0 });
    const { told, people } = await mc.row<{ told: number; people: number }>(
      `SELECT count(*)::int AS told, count(DISTINCT e->>'uid')::int AS people FROM callback, jsonb_array_elements(items) e`,
    );
    expect([told, people]).toEqual([6000, 6000]);
  });

  it('names each of its receivers by the reference of the delivery, in the order of the audience', async () => {
    await mc.rows(
      `INSERT INTO recipient (user_id) SELECT 'n' || lpad(g::text, 4, '0') FROM generate_series(1, 6000) g`,
    );
    const ids = Array.from({ length: 6000 }, (_, i) => `n${String(i + 1).padStart(4, '0')}`);
    const id = await mc.send({ ...users(...ids), ...todo, ...only('portal') });
    await setOne(id, 'n5999');
    const rows = await mc.rows<{ seq: number; ref: string; recipient: string }>(
      'SELECT seq, ref, recipient FROM delivery WHERE message_id = $1 ORDER BY seq',
      [id],
    );
    const refsOf = (isMeant: (recipient: string) => boolean): string[] =>
      rows.filter((row) => isMeant(row.recipient)).map(({ seq, ref }) => encodeDeliveryRef(id, seq, ref));
    expect(await mc.get(TodoRepository).refsIn(id, 'done')).toEqual(refsOf((recipient) => recipient === 'n5999'));
    expect(await mc.get(TodoRepository).refsIn(id, 'open')).toEqual(refsOf((recipient) => recipient !== 'n5999'));
  });
});

describe('a callback about to-dos', () => {
  it('that nobody takes keeps its type among the dead letters and when it is replayed', async () => {
    const id = await mc.send({ ...users('u1'), ...todo, ...only('portal'), statusCallback: 'http://127.0.0.1:9/hook' });
    await setAll(id);
    const callbacks = mc.get(CallbackRepository);
    const [due] = await callbacks.claim(new Map(), 10, '11111111-1111-4111-8111-111111111111', 60);
    expect(due).toMatchObject({ type: 'todo.status' });
    if (due) await callbacks.bury(due, 'http_500');
    await mc
      .get(ReplayRepository)
      .replay({ filter: { kind: 'callback' }, perSecond: 100, actor: 'admin', ip: null, idempotency: null });
    expect(await mc.rows('SELECT type, url FROM callback')).toEqual([
      { type: 'todo.status', url: 'http://127.0.0.1:9/hook' },
    ]);
  });
});

describe('retention', () => {
  it('keeps a partition in which somebody has a to-do open', async () => {
    const partitions = mc.get(PartitionsRepository);
    const old = Date.UTC(2020, 0, 6);
    const tables = ['message', 'message_state', 'delivery', 'delivery_attempt'];
    for (const table of tables)
      await mc.rows(
        `CREATE TABLE ${table}_old PARTITION OF ${table} FOR VALUES FROM ('${firstIdAt(old)}') TO ('${firstIdAt(old + 1000)}')`,
      );
    await mc.rows(
      `INSERT INTO message (id, client_app_id, door, kind, priority, content, audience, plan, accepted_at)
       VALUES ($1, 'app', 'native', 'todo', 1, '{}', '{}', '{"mode":"list","steps":[{"channel":"portal"}]}', now())`,
      [firstIdAt(old)],
    );
    await mc.rows(
      `INSERT INTO message_state (message_id, status, chains, expected, ended, next_ordinal, delivered, completed_at)
       VALUES ($1, 'completed', 1, 1, 1, 1, 1, now())`,
      [firstIdAt(old)],
    );
    await mc.rows(
      `INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, inbox_state, delivered_at)
       VALUES ($1, 0, 40, false, 'portal', 'u1', 'u1', gen_random_uuid(), 4, now())`,
      [firstIdAt(old)],
    );
    const drop = async (): Promise<string[]> =>
      (await partitions.dropBefore(mc.database, Date.UTC(2021, 0, 1))).dropped;
    expect(await drop()).toEqual([]);
    expect(await setAll(firstIdAt(old))).toMatchObject({ kind: 'set', receivers: 1, changed: 1 });
    expect((await drop()).sort()).toEqual(tables.map((table) => `${table}_old`).sort());
  });
});
