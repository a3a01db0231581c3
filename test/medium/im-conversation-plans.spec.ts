import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ImConversationListRepository, ImRecentsRepository, type Database } from '#entities';
import { FOLD_EVENTS, TELL_OFFLINE } from '../../libs/entities/src/im/im-outbox.sql.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ExplainingDatabase, type TableRead } from '../support/query-plans.js';

const CHANNELS = 5000;
const CONVERSATIONS = 1000;
const LOG = 30_000;

let store: TestDatabase;
let database: ExplainingDatabase;

beforeAll(async () => {
  store = await testDatabase();
  const client = new Client({ connectionString: store.url });
  await client.connect();
  await client.query(`
    INSERT INTO im_channel (channel_id, channel_type, last_seq, red_total, conv_seq, conv_at, conv_version)
    SELECT 'g' || n, 2, 1, 1, 1, n, n FROM generate_series(1, ${CHANNELS}) n;
    UPDATE im_channel SET last_seq = ${LOG}, red_total = ${LOG}, conv_seq = ${LOG} WHERE channel_id = 'g1';
    INSERT INTO im_message (channel_key, seq, message_id, client_msg_no, has_red_dot, setting, from_uid, channel_id, channel_type,
                            expire, sent_at, red_total, payload)
    SELECT c.channel_key, n, c.channel_key * 1000000 + n, 'c' || n, true, 0, 'a', c.channel_id, 2, 0, now(), n, '\\x7b7d'
      FROM im_channel c CROSS JOIN LATERAL generate_series(1, c.last_seq) n;
    INSERT INTO im_conversation (uid, channel_key) SELECT 'u' || channel_key % 50, channel_key FROM im_channel;
    INSERT INTO im_conversation (uid, channel_key) SELECT 'me', channel_key FROM im_channel ORDER BY channel_key LIMIT ${CONVERSATIONS};
    INSERT INTO im_subscriber (channel_key, uid)
    SELECT channel_key, 'm' || n FROM im_channel, generate_series(1, 3000) n WHERE channel_id = 'g1';
    INSERT INTO im_subscriber (channel_key, uid) SELECT channel_key, 'm1' FROM im_channel ON CONFLICT DO NOTHING;
    INSERT INTO im_outbox (body, wants_offline, from_uid, channel_key)
    SELECT '{}', true, 'm1', channel_key FROM im_channel WHERE channel_id = 'g1';
    INSERT INTO im_outbox (body, event) SELECT '{}', 'msg.notify' FROM generate_series(1, 5000)`);
  await client.query('VACUUM ANALYZE im_channel, im_message, im_conversation, im_subscriber, im_outbox');
  await client.end();
  // As the connections of the product are: a table is read from end to end only where no index serves.
  const url = new URL(store.url);
  url.searchParams.set('options', '-c enable_seqscan=off');
  database = await ExplainingDatabase.open(url.href);
});
afterAll(async () => {
  await database.close();
  await store.drop();
});

const list = (on: Database): Promise<object[]> => new ImConversationListRepository(on).list('me', 0);
const recents = (on: Database): Promise<object[][]> =>
  new ImRecentsRepository(on).of(
    Array.from({ length: CONVERSATIONS }, (_, i) => ({ channelId: `g${i + 1}`, channelType: 2, afterSeq: 0 })),
    15,
  );

/** How a table was read; what a bitmap finds it finds by the index beneath. */
const waysOf = (reads: readonly TableRead[], table: string): (string | null)[] => [
  ...new Set(
    reads
      .filter(
        (read) =>
          (read.table === table || read.index?.startsWith(`${table}_`)) &&
          !['Bitmap Heap Scan', 'ModifyTable'].includes(read.node),
      )
      .map(({ index }) => index),
  ),
];

describe('conversations', () => {
  it('are found by their person, their channels and last messages by key', async () => {
    const reads = await database.readsOf(list);
    expect(waysOf(reads, 'im_conversation')).toEqual(['im_conversation_pkey']);
    expect(waysOf(reads, 'im_channel')).toEqual(['im_channel_pkey']);
    expect(waysOf(reads, 'im_message')).toEqual(['im_message_pkey']);
  });

  it('read the newest messages of a long log from its end', async () => {
    const reads = await database.readsOf(recents);
    expect(waysOf(reads, 'im_channel')).toEqual(['im_channel_id_key']);
    expect(waysOf(reads, 'im_message')).toEqual(['im_message_pkey']);
    expect(new Set(reads.filter(({ table }) => table === 'im_message').map(({ node }) => node))).toEqual(
      new Set(['Index Scan']),
    );
  });
});

describe('what the webhook is told', () => {
  it('is taken from the outbox in order, and recipients by their channel, page by page', async () => {
    const folding = await database.readsOf((on) => on.query(FOLD_EVENTS, ['http://127.0.0.1/?event=']));
    expect(waysOf(folding, 'im_outbox')).toEqual(['im_outbox_pkey']);
    const telling = await database.readsOf((on) => on.query(TELL_OFFLINE, ['http://127.0.0.1/?event=']));
    expect(waysOf(telling, 'im_outbox')).toEqual(['im_outbox_pkey']);
    expect(waysOf(telling, 'im_subscriber')).toEqual(['im_subscriber_pkey']);
    expect(waysOf(telling, 'im_session')).toEqual(['im_session_uid_idx']);
    expect(waysOf(telling, 'device')).toEqual(['device_user_idx']);
  });
});
