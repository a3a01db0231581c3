import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FollowerRepository, RecipientRepository, type Database } from '#entities';
import { Client } from 'pg';
import {
  FORGET,
  LEARN,
  NOT_IN_LIST,
  RESOLVE,
  RESOLVE_LATE,
  REVIVE,
} from '../../libs/entities/src/directory/follower.sql.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ExplainingDatabase } from '../support/query-plans.js';

/** Every second person is registered by a unionid, all of them at one account that is due; others wait at many. */
const PEOPLE = 20_000;

let store: TestDatabase;
let database: ExplainingDatabase;
beforeAll(async () => {
  store = await testDatabase();
  const client = new Client({ connectionString: store.url });
  await client.connect();
  await client.query(`
    INSERT INTO public_account (public_id, name) SELECT 'gh-' || n, 'x' FROM generate_series(1, 200) n;
    INSERT INTO provider_account (channel, id, provider, position) SELECT 'wechat', 'gh-' || n, 'wechat', 100 FROM generate_series(1, 200) n;
    INSERT INTO recipient (user_id) SELECT 'u' || n FROM generate_series(1, ${PEOPLE}) n;
    INSERT INTO recipient_address (user_id, channel, account, address)
    SELECT 'u' || n, c, CASE c WHEN 'wechat' THEN 'gh-' || n % 200 ELSE '' END, 'oOpen_' || n
      FROM generate_series(1, ${PEOPLE}) n CROSS JOIN unnest(ARRAY['wechat', 'sms', 'mail', 'wecom']) c;
    UPDATE recipient_address SET unionid = 'oUnion_' || address WHERE channel = 'wechat' AND account = 'gh-7';
    INSERT INTO public_account_follower (public_id, openid, unionid, seen_at)
    SELECT 'gh-' || n % 200, 'oOpen_' || n, 'oUnion_' || n, now() - interval '1 day' FROM generate_series(1, ${PEOPLE}) n WHERE n % 200 > 0;
    ANALYZE;
  `);
  await client.end();
  database = await ExplainingDatabase.open(store.url);
});
afterAll(async () => {
  await database.close();
  await store.drop();
});

const part = Array.from({ length: 100 }, (_, n) => n * 200 + 7);
const OPENIDS = part.map((n) => `oOpen_${n}`);
const UNIONIDS = part.map((n) => `oUnion_${n}`);
const BEGUN = '2026-01-01 00:00:00+00';
const address = { userId: 'u9', channel: 'wechat', appId: '', account: 'gh-9' } as const;
const ADDRESSES = 'recipient_address_address_idx';
const UNIONS = 'public_account_follower_unionid_idx';

it.each<[string, (on: Database) => Promise<unknown>, string[]]>([
  [
    'whose turn it is',
    (on) => new FollowerRepository(on).claimDue(),
    ['recipient_address_unionid_idx', 'recipient_address_account_idx'],
  ],
  ['a part of a list', (on) => on.query(LEARN, ['gh-7', OPENIDS, UNIONIDS, BEGUN]), []],
  ['unionids that are registered', (on) => on.query(RESOLVE, [UNIONIDS]), [ADDRESSES]],
  ['openids that are registered', (on) => on.query(REVIVE, ['gh-7', OPENIDS, BEGUN]), [ADDRESSES]],
  ['an account that is another one', (on) => on.query(FORGET, ['gh-7']), ['recipient_address_unionid_idx']],
  [
    'an address that is registered',
    (on) => new RecipientRepository(on).setAddress(on, { ...address, address: 'oUnion_9' }),
    [UNIONS],
  ],
])('reads neither people nor followers in full for %s', async (_, run, indexes) => {
  const reads = await database.readsOf(run);
  const inFull = reads.filter(
    ({ node, table }) => node === 'Seq Scan' && ['recipient_address', 'public_account_follower'].includes(table),
  );
  expect(inFull).toEqual([]);
  expect(reads.map(({ index }) => index)).toEqual(expect.arrayContaining(indexes));
});

it.each([
  ['late registrations', RESOLVE_LATE],
  ['who is not in it', NOT_IN_LIST],
])('reads what is of the account, and nothing of others, at the end of a list for %s', async (_, statement) => {
  const reads = await database.readsOf((on) => on.query(statement, ['gh-7', BEGUN]));
  expect(reads.filter(({ node }) => node === 'Seq Scan')).toEqual([]);
  expect(reads.map(({ index }) => index)).toContain('recipient_address_account_idx');
});
