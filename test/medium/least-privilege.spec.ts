import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Database, DatabaseClock, PartitionsRepository, runMigrations } from '#entities';
import { coreSteps, only, type CoreSteps } from '../support/core-steps.js';

const MANUAL = new URL('../../docs/operations.md', import.meta.url);
const mark = `mc_test_${process.pid}_${randomBytes(4).toString('hex')}`;
const names = { mc_owner: `${mark}_owner`, mc_app: `${mark}_app`, message_center: mark };

/** The statements of the manual, for names of this suite. */
const statements = (/```sql\n(CREATE ROLE[^`]+)```/.exec(readFileSync(MANUAL, 'utf8'))?.[1] ?? '')
  .replace(/\b(mc_owner|mc_app|message_center)\b/g, (name) => names[name as keyof typeof names])
  .split(';\n')
  .filter(Boolean);

let asApp: CoreSteps;

async function on(url: string, ...texts: string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const text of texts) await client.query(text);
  } finally {
    await client.end();
  }
}

function urlOf(user?: keyof typeof names): string {
  const url = new URL(process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres');
  url.pathname = `/${mark}`;
  if (user) [url.username, url.password] = [names[user], user === 'mc_owner' ? 'change-me-1' : 'change-me-2'];
  return url.href;
}
const server = process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';

beforeAll(async () => {
  await on(server, ...statements.filter((text) => !text.startsWith('ALTER')));
  await on(urlOf(), ...statements.filter((text) => text.startsWith('ALTER')));
  await runMigrations(urlOf('mc_owner'));
  asApp = await coreSteps({}, urlOf('mc_app'));
});
afterAll(async () => {
  await asApp?.close();
  await on(
    server,
    `DROP DATABASE IF EXISTS ${mark} WITH (FORCE)`,
    ...Object.values(names).flatMap((name) => (name === mark ? [] : [`DROP ROLE IF EXISTS ${name}`])),
  );
});

describe('the role that reads and writes rows, made as the manual says', () => {
  it('is enough for a message from its acceptance to its counters', async () => {
    await asApp.addApp('app');
    await asApp.addUser('u1', { sms: '13800000001' });
    const id = await asApp.send({ to: { users: [{ id: 'u1' }] }, ...only('sms', 'portal') });
    await asApp.work();
    await asApp.dueWork();
    await asApp.fold();
    expect(await asApp.state(id)).toMatchObject({ status: 'completed', ended: 2 });
  });

  it.each([
    'CREATE TABLE public.mine (id int)',
    'DROP TABLE message',
    'ALTER TABLE client_app ADD COLUMN x int',
    'TRUNCATE audit_log',
    'CREATE TEMPORARY TABLE mine (id int)',
    'CREATE ROLE other',
    "COPY client_app TO PROGRAM 'cat'",
  ])('may not: %s', async (statement) => {
    await expect(asApp.rows(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('makes no partitions: that is for the owner, whose the dispatcher is', async () => {
    const ahead = asApp.get(DatabaseClock).nowMs() + 40 * 7 * 24 * 3_600_000;
    const ensure = (core: CoreSteps) =>
      core.get(Database).transaction((tx) => core.get(PartitionsRepository).ensure(tx, ahead, 4));
    await expect(ensure(asApp)).rejects.toMatchObject({ code: '42501' });
    const asOwner = await coreSteps({}, urlOf('mc_owner'));
    try {
      await expect(ensure(asOwner)).resolves.toBeUndefined();
    } finally {
      await asOwner.close();
    }
    // What the owner made since is open to the other.
    expect(await asApp.rows('SELECT count(*)::int AS n FROM message WHERE false')).toEqual([{ n: 0 }]);
  });
});
