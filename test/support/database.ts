import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { runMigrations } from '#entities';

export interface TestDatabase {
  url: string;
  /** Ends whatever sessions are left and removes the database. */
  drop(): Promise<void>;
}

const SERVER = process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const ENTITIES = resolve(import.meta.dirname, '../../libs/entities/src');

/** The schema holds partitions ahead of the day it was made: a template is good for its week. */
const WEEK_MS = 7 * 24 * 3_600_000;

/** Any number; every process that makes the template takes the same one. */
const TEMPLATE_LOCK = 7_301_994;

/**
 * A migrated database of one's own on TEST_DATABASE_URL: a copy (~30 ms) of a template that the first caller makes.
 * Its name carries the pid, so that a later run can remove what a dead one left.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `mc_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(async (client) => {
    const template = await ensureTemplate(client);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
  });
  return {
    url: urlOf(name),
    drop: () =>
      onServer((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).then(() => undefined)),
  };
}

/** Under the lock a template is made whole or not at all: it gets its name when it is finished. */
async function ensureTemplate(client: Client): Promise<string> {
  const template = `mc_template_${Math.floor(Date.now() / WEEK_MS)}_${hashOfMigrations()}`;
  await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount === 0) await makeTemplate(client, template);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
  return template;
}

async function makeTemplate(client: Client, template: string): Promise<void> {
  const draft = `${template}_draft`;
  await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${draft} TEMPLATE template0 ENCODING 'UTF8'`);
  await runMigrations(urlOf(draft));
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
}

function hashOfMigrations(): string {
  const hash = createHash('sha256');
  for (const folder of ['migrations', 'connection']) {
    const files = readdirSync(join(ENTITIES, folder)).filter((file) => file.endsWith('.ts'));
    for (const file of files.sort()) hash.update(file).update(readFileSync(join(ENTITIES, folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

function urlOf(database: string): string {
  const url = new URL(SERVER);
  url.pathname = `/${database}`;
  return url.href;
}

async function onServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: SERVER, application_name: 'message-center-test' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
