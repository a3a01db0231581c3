import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DeliveryWorkRepository,
  DeviceAckRepository,
  DeviceConfigRepository,
  DeviceRepository,
  DeviceTargetRepository,
  ExportRepository,
  InboxRepository,
  MessageLogRepository,
  MqttMailboxRepository,
  PushTaskRepository,
  ReportRepository,
  UplinkRepository,
  encodeDeliveryRef,
  timeOfMessageId,
  type Database,
  type DatabaseClock,
  type DueDelivery,
  type MessageForSending,
} from '#entities';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ExplainingDatabase, type TableRead } from '../support/query-plans.js';

/** Tables that are only ever read by an index, however large they get. */
const LARGE = new Set(['message', 'message_state', 'delivery', 'uplink', 'device', 'device_config']);
const PEOPLE = 200;
const MESSAGES = 3000;
const RECIPIENTS = 4;
const APPS = 100;
const WHO = 'u7';

let store: TestDatabase;
let database: ExplainingDatabase;
/** Epoch ms: what the partitions of a fresh database span. */
let startMs: number;
let endMs: number;
let message: { id: string; ref: string; seq: number };

beforeAll(async () => {
  store = await testDatabase();
  const client = new Client({ connectionString: store.url });
  await client.connect();
  await fill(client);
  const { rows } = await client.query<{ id: string; ref: string; seq: number }>(
    `SELECT message_id AS id, ref, seq FROM delivery WHERE recipient = $1 AND inbox_state IS NOT NULL LIMIT 1`,
    [WHO],
  );
  message = rows[0] as typeof message;
  await client.end();
  database = await ExplainingDatabase.open(store.url);
});
afterAll(async () => {
  await database.close();
  await store.drop();
});

/** Every person has inbox rows and others in every partition, also those made ahead: an empty one is read without an index. */
async function fill(client: Client): Promise<void> {
  const { rows } = await client.query<{ start: string; end: string }>(
    `SELECT min(bound[1]) AS start, max(bound[1]) AS end
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      CROSS JOIN regexp_matches(pg_get_expr(c.relpartbound, c.oid), '''([0-9a-f-]{36})''', 'g') AS bound
      WHERE i.inhparent = 'delivery'::regclass`,
  );
  [startMs, endMs] = [timeOfMessageId(rows[0]?.start ?? ''), timeOfMessageId(rows[0]?.end ?? '')];
  await client.query(
    `CREATE TEMP TABLE given AS
     SELECT n, (lpad(to_hex($1::bigint + n * $2::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid AS id
       FROM generate_series(1, ${MESSAGES}) n`,
    [startMs, Math.floor((endMs - startMs) / (MESSAGES + 1))],
  );
  await client.query(
    `
    INSERT INTO message (id, client_app_id, door, kind, priority, content, audience, plan, accepted_at)
    SELECT id, 'app' || n % ${APPS}, CASE WHEN n % 10 = 1 THEN 'psp' ELSE 'native' END,
           CASE WHEN n % 2 = 0 THEN 'todo' ELSE 'notice' END, 1, jsonb_build_object('title', 'T', 'payload', jsonb_build_object('tag', n % 20)), '{}',
           '{"mode":"list","steps":[{"channel":"portal"}]}', now() FROM given;
    INSERT INTO device_config (app_id, tag, device_token, message_id, seq)
    SELECT 'app' || n % ${APPS}, 't', 't' || n, (SELECT id FROM given WHERE given.n = 1 + g.n % ${MESSAGES}), 0 FROM generate_series(1, 20000) g(n);
    INSERT INTO message_state (message_id, status, next_ordinal, chains, expected, ended)
    SELECT id, 'completed', ${RECIPIENTS}, ${RECIPIENTS}, ${RECIPIENTS}, ${RECIPIENTS} FROM given;
    INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, inbox_state)
    SELECT id, k * 16 + s, 40, false, CASE s WHEN 0 THEN 'portal' ELSE 'sms' END, 'u' || (n * 7 + k * 50) % ${PEOPLE}, 'x', gen_random_uuid(),
           CASE WHEN s = 0 THEN (CASE WHEN n % 2 = 0 THEN 3 ELSE 1 END) + (n / 2 + k) % 2 END
      FROM given CROSS JOIN generate_series(0, ${RECIPIENTS - 1}) k CROSS JOIN generate_series(0, 1) s;
    INSERT INTO uplink (channel, account, address, text, app_id, message_id, seq)
    SELECT 'sms', 'main', '138' || n % 1000, 'words', 'app' || n % ${APPS}, (SELECT id FROM given WHERE given.n = 1 + g.n % ${MESSAGES}), 0
      FROM generate_series(1, 10000) g(n)`,
  );
  await client.query(
    `INSERT INTO device (token, user_id, app_id, platform)
     SELECT 't' || n, 'u' || n % 5000, CASE WHEN n % 4 = 0 THEN 'app' || n % ${APPS} ELSE '' END, 'android'
       FROM generate_series(1, 20000) n`,
  );
  await makeVisible(client);
}

/**
 * Pages of which somebody else may still see an older state (an ANALYZE of the server's own is enough) are left out, and are
 * read by a plan that is not the usual one: then again, until none is.
 */
async function makeVisible(client: Client): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    await client.query('VACUUM (FREEZE, ANALYZE) message, message_state, delivery, uplink, device, device_config');
    const { rows } = await client.query<{ left: number }>(
      `SELECT count(*)::int AS left FROM pg_class
        WHERE relkind = 'r' AND relname LIKE 'delivery%' AND relallvisible < relpages`,
    );
    if (rows[0]?.left === 0) return;
    await sleep(100);
  }
  throw new Error('somebody else looks at the rows all the time');
}

/** Nothing is written here. */
const NEVER_CHANGED = {} as ConstructorParameters<typeof DeviceRepository>[1];
const clock = { nowMs: () => Date.now() } as DatabaseClock;
const inbox = (on: Database): InboxRepository => new InboxRepository(on, clock);
const log = (on: Database): MessageLogRepository => new MessageLogRepository(on);

async function oneExport(on: Database): Promise<void> {
  const range = { fromMs: startMs, toMs: endMs, clientAppId: null };
  for await (const rows of new ExportRepository(on).deliveries(range)) if (rows.length > 0) return;
}

/** A bitmap's heap scan has its index beneath. */
const indexesOf = (reads: readonly TableRead[], table: string): string[] =>
  [...new Set(reads.filter(({ node }) => node !== 'Bitmap Heap Scan').map(({ index }) => index ?? ''))]
    .filter((index) => index.startsWith(`${table}_`))
    .sort();

describe('a query on a large table', () => {
  const refOf = (): string => encodeDeliveryRef(message.id, message.seq, message.ref);
  const INBOX = ['delivery_inbox_idx', 'delivery_pkey'];
  it.each<[string, (on: Database) => Promise<unknown>, string[]]>([
    ['inbox list', (on) => inbox(on).list(WHO, 'all', null, 20), INBOX],
    ['inbox list of one state', (on) => inbox(on).list(WHO, 'unread', null, 20), INBOX],
    ['inbox page', (on) => inbox(on).page(WHO, { offset: 20, limit: 20 }), INBOX],
    ['inbox page of one state', (on) => inbox(on).page(WHO, { state: 'open', offset: 0, limit: 20 }), INBOX],
    ['inbox search', (on) => inbox(on).page(WHO, { search: 't', offset: 0, limit: 20 }), INBOX],
    ['inbox catch-up', (on) => inbox(on).newer(WHO, refOf(), 20), INBOX],
    ['inbox message', (on) => inbox(on).findByRef(refOf()), ['delivery_pkey']],
    ['inbox counts', (on) => inbox(on).counts(WHO), ['delivery_inbox_idx']],
    ['badges', (on) => inbox(on).countsOf(['u1', 'u2', 'u3']), ['delivery_inbox_idx']],
    [
      'messages of a person',
      (on) => log(on).list({ recipient: WHO }, 20),
      ['delivery_inbox_idx', 'delivery_recipient_idx'],
    ],
    ['report lines', (on) => new ReportRepository(on).lines(message.id, 0, 20), ['delivery_pkey']],
    ['export', oneExport, ['delivery_pkey']],
    [
      'acknowledgements of devices',
      (on) => new DeviceAckRepository().store(on, 'push:main', [{ token: 'tok', ref: refOf() }]),
      ['delivery_pkey'],
    ],
  ])('reads deliveries by index: %s', async (_, run, indexes) => {
    const reads = await database.readsOf(run);
    expect(reads.filter(({ node, table }) => node === 'Seq Scan' && LARGE.has(table))).toEqual([]);
    expect(indexesOf(reads, 'delivery')).toEqual(indexes);
  });

  it('counts and pages an inbox without reading its rows', async () => {
    const counted = await database.readsOf((on) => inbox(on).counts(WHO));
    expect(new Set(counted.map(({ node }) => node))).toEqual(new Set(['Index Only Scan']));
    const paged = await database.readsOf((on) => inbox(on).page(WHO, { offset: 0, limit: 20 }));
    const byInbox = paged.filter(({ index }) => index === 'delivery_inbox_idx');
    expect(new Set(byInbox.map(({ node }) => node))).toEqual(new Set(['Index Only Scan']));
  });

  it.each<[string, (on: Database) => Promise<unknown>, string]>([
    ['messages', (on) => log(on).list({}, 20), 'message_pkey'],
    ['messages of an app', (on) => log(on).list({ clientAppId: 'app1' }, 20), 'message_app_idx'],
    ['uplinks', (on) => new UplinkRepository(on).list({}, 20), 'uplink_pkey'],
    ['uplinks of an app', (on) => new UplinkRepository(on).list({ appId: 'app1' }, 20), 'uplink_app_idx'],
    ['uplinks of a number', (on) => new UplinkRepository(on).list({ address: '1387' }, 20), 'uplink_address_idx'],
    [
      'uplinks to a message',
      (on) => new UplinkRepository(on).list({ messageId: message.id }, 20),
      'uplink_message_idx',
    ],
  ])('finds by index: %s', async (_, run, index) => {
    expect((await database.readsOf(run)).map((read) => read.index)).toContain(index);
  });

  it.each<[string, (devices: DeviceRepository) => Promise<unknown>, string]>([
    ['all', (devices) => devices.list({ appId: null }, 't5', 20), 'device_pkey'],
    ['of a person', (devices) => devices.list({ appId: null, userId: 'u7' }, '', 20), 'device_user_idx'],
    ['of an app', (devices) => devices.list({ appId: 'app8' }, '', 20), 'device_app_idx'],
    ['of a token', (devices) => devices.find('t7', 'app8'), 'device_pkey'],
    ['of a batch', (devices) => devices.ofTokens(['t7', 't8', 'none']), 'device_pkey'],
  ])('finds devices by index: %s', async (_, run, index) => {
    const reads = await database.readsOf((on) => run(new DeviceRepository(on, NEVER_CHANGED)));
    expect(new Set(reads.flatMap((read) => read.index ?? []))).toEqual(new Set([index]));
  });

  const devices = ['t1', 't2', 't3'];
  it.each<[string, (on: Database) => Promise<unknown>, string[]]>([
    [
      'pushes of a tag',
      (on) => new PushTaskRepository(on).sums('app1', '1'),
      ['message_push_tag_idx', 'message_state_pkey'],
    ],
    ['a push', (on) => new PushTaskRepository(on).find(message.id, 'app1'), ['message_state_pkey']],
    ['devices of a push', (on) => new PushTaskRepository(on).lines(message.id, 0, 500), ['delivery_pkey']],
    [
      'whether a target is known',
      (on) => new DeviceTargetRepository(on).isAnyKnown({ tokens: devices, users: ['u1'] }, 'app1'),
      ['device_pkey', 'device_user_idx'],
    ],
    [
      'configs that are about to be sent',
      (on) =>
        new DeviceConfigRepository(on).keep(
          devices.map((deviceToken) => ({ appId: 'app1', tag: 't', deviceToken, messageId: message.id, seq: 0 })),
        ),
      ['delivery_pkey'],
    ],
    [
      'configs of devices that come back',
      (on) => new DeviceConfigRepository(on).replayFor(devices),
      ['delivery_pkey', 'device_config_device_idx', 'device_pkey', 'message_pkey'],
    ],
    [
      'messages that the embedded broker takes for devices',
      (on) => {
        const ref = encodeDeliveryRef(message.id, message.seq, message.ref);
        return new MqttMailboxRepository(on).keep(devices.map((token) => ({ token, ref, payload: '{}' })));
      },
      ['delivery_pkey', 'device_pkey', 'message_pkey'],
    ],
  ])('reads nothing of devices in full: %s', async (_, run, indexes) => {
    const reads = await database.readsOf(run);
    expect(reads.filter(({ node, table }) => node === 'Seq Scan' && LARGE.has(table))).toEqual([]);
    expect(reads.map(({ index }) => index)).toEqual(expect.arrayContaining(indexes));
  });

  it('reads a few pages for each delivery of a to-do, by whatever size PostgreSQL takes the tables for', async () => {
    const client = new Client({ connectionString: store.url });
    await client.connect();
    await client.query(
      `INSERT INTO delivery
       SELECT (jsonb_populate_record(d, jsonb_build_object('seq', n * 16, 'recipient', 'q' || n, 'ref', gen_random_uuid(), 'inbox_state', 4))).*
         FROM delivery d CROSS JOIN generate_series(1000, 6000) n WHERE d.message_id = $1 AND d.seq = $2`,
      [message.id, message.seq],
    );
    // As after a count at a moment at which they were empty.
    await client.query(
      `UPDATE pg_class SET relpages = 100, reltuples = 0 WHERE oid IN (SELECT relid FROM pg_partition_tree('delivery'))`,
    );
    const asked = Array.from({ length: 100 }, (_, n) => ({
      message: { id: message.id, kind: 'todo', reminder_of: null } as MessageForSending,
      delivery: { seq: (5000 + n) * 16, recipient: `q${5000 + n}` } as DueDelivery,
    }));
    let pages = 0;
    const counting = {
      async query(text: string, values: unknown[]) {
        const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
          `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
          values,
        );
        pages += rows[0]?.['QUERY PLAN'][0].Plan['Shared Hit Blocks'] ?? 0;
        return [];
      },
    };
    await new DeliveryWorkRepository(counting as unknown as Database).ofClosedTodos(asked);
    await client.query(`DELETE FROM delivery WHERE message_id = $1 AND recipient LIKE 'q%'`, [message.id]);
    await client.query('ANALYZE delivery');
    await client.end();
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThanOrEqual(10 * asked.length);
  });

  it('finds a push by its key, not among all of its app', async () => {
    const reads = await database.readsOf((on) => new PushTaskRepository(on).find(message.id, 'app1'));
    expect(reads.map(({ index }) => index)).not.toContain('message_push_tag_idx');
  });
});
