import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ImChannelRepository,
  ImCommandRepository,
  ImHistoryRepository,
  ImStreamRepository,
  ImUpkeepRepository,
  type Database,
} from '#entities';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ExplainingDatabase } from '../support/query-plans.js';

const LARGE_LOG = 60_000;
const CHANNELS = 2_000;
/** Mostly empty here. */
const SMALL = new Set(['im_handover', 'im_command']);

let store: TestDatabase;
let database: ExplainingDatabase;
let client: Client;
let largeKey: number;
beforeAll(async () => {
  store = await testDatabase();
  client = new Client({ connectionString: store.url });
  await client.connect();
  await client.query(
    `INSERT INTO im_channel (channel_id, channel_type, last_seq) SELECT 'g' || n, 2, 10 FROM generate_series(1, ${CHANNELS}) n;
     INSERT INTO im_message (channel_key, seq, message_id, client_msg_no, has_red_dot, setting, from_uid, channel_id, channel_type, expire,
                             expires_at, sent_at, red_total, payload)
     SELECT c.channel_key, seq, c.channel_key * 1000000 + seq, 'c', true, 0, 'u', c.channel_id, 2, 0,
            CASE WHEN seq % 50 = 0 THEN now() + interval '1 day' END, now(), seq, 'payload'
       FROM im_channel c CROSS JOIN generate_series(1, CASE WHEN c.channel_id = 'g1' THEN ${LARGE_LOG} ELSE 10 END) seq;
     INSERT INTO im_subscriber (channel_key, uid) SELECT channel_key, 'u' || n FROM im_channel CROSS JOIN generate_series(1, 10) n;
     INSERT INTO im_listed (channel_key, list, uid) SELECT channel_key, 'white', uid FROM im_subscriber;
     INSERT INTO im_user (uid, queue_last_seq, queue_cursor) SELECT 'u' || n, 100, 50 FROM generate_series(1, 20000) n;
     INSERT INTO im_command (message_id, client_msg_no, has_red_dot, setting, from_uid, channel_id, channel_type, expire, sent_at, payload)
     SELECT n, 'c', false, 0, 'x', 'g1', 2, 0, now(), 'payload' FROM generate_series(1, 30000) n;
     INSERT INTO im_user_queue (uid, seq, message_id) SELECT 'u' || n, seq, (n - 1) * 100 + seq
       FROM generate_series(1, 300) n CROSS JOIN generate_series(1, 100) seq;
     INSERT INTO im_stream (stream_no, channel_id, channel_type) SELECT 's' || n, 'g1', 2 FROM generate_series(1, 5000) n;
     INSERT INTO im_stream_chunk (stream_no, seq, client_msg_no, payload)
     SELECT 's' || n, seq, 'c', 'piece' FROM generate_series(1, 5000) n CROSS JOIN generate_series(1, 3) seq`,
  );
  await client.query('VACUUM ANALYZE');
  const { rows } = await client.query<{ key: string }>(
    `SELECT channel_key AS key FROM im_channel WHERE channel_id = 'g1'`,
  );
  largeKey = Number(rows[0]?.key);
  database = await ExplainingDatabase.open(store.url);
});
afterAll(async () => {
  await database?.close();
  await client?.end();
  await store?.drop();
});

const history = (on: Database): ImHistoryRepository => new ImHistoryRepository(on);
const commands = (on: Database): ImCommandRepository => new ImCommandRepository(on);
const page = (from: number, to: number | null, isNewest: boolean) => (on: Database) =>
  history(on).page(largeKey, { from, to, limit: 20, isNewest });

describe('instant messages are found by index', () => {
  it.each<[string, (on: Database) => Promise<unknown>, string]>([
    ['the newest of a log', page(1, null, true), 'im_message_pkey'],
    ['a page upwards', page(30_000, null, false), 'im_message_pkey'],
    ['a page downwards', page(29_981, 30_000, true), 'im_message_pkey'],
    ['messages by their seqs', (on) => history(on).listBySeq(largeKey, [5, 50_000]), 'im_message_pkey'],
    ['the key of a channel', (on) => history(on).findKey('g7', 2), 'im_channel_id_key'],
    ['its last seq', (on) => history(on).lastSeq('g7', 2), 'im_channel_id_key'],
    ['last seqs of channels', (on) => history(on).lastSeqs([largeKey, largeKey + 1]), 'im_channel_pkey'],
    ['pieces of streams', (on) => history(on).chunksOf(['s1', 's99']), 'im_stream_chunk_pkey'],
    ['the end of a stream', (on) => new ImStreamRepository(on).end('s5', 'g1', 2), 'im_stream_pkey'],
    ['a command queue', (on) => commands(on).list('u7', 0, 100), 'im_user_queue_pkey'],
    ['places of a command', (on) => commands(on).seqsOf('7', ['u1', 'u2']), 'im_user_queue_pkey'],
    ['an acknowledgement', (on) => commands(on).acknowledge('u7', 60), 'im_user_pkey'],
    ['a white list', (on) => new ImChannelRepository(on, {} as never).whiteList('g7'), 'im_listed_pkey'],
    ['what has expired', (on) => new ImUpkeepRepository(on).dropStale(100), 'im_message_expires_idx'],
  ])('%s', async (_, run, index) => {
    const reads = await database.readsOf(run);
    expect(reads.filter(({ node, table }) => node === 'Seq Scan' && !SMALL.has(table))).toEqual([]);
    expect(reads.map((read) => read.index)).toContain(index);
  });
});

it('a page of a large log reads no more than one of a small log', async () => {
  const blocks = async (key: number): Promise<number> => {
    const explained = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM im_message WHERE channel_key = ${key} AND seq <= 1000000 ORDER BY seq DESC LIMIT 10`,
    );
    const plan = explained.rows[0]?.['QUERY PLAN'][0].Plan ?? {};
    return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
  };
  const { rows } = await client.query<{ key: string }>(
    `SELECT channel_key AS key FROM im_channel WHERE channel_id = 'g9'`,
  );
  expect(await blocks(largeKey)).toBeLessThanOrEqual(2 * (await blocks(Number(rows[0]?.key))));
});
