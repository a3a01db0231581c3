import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { PartitionsRepository, firstIdAt, runMigrations } from '#entities';
import { MIGRATIONS } from '../../libs/entities/src/migrations/index.js';
import { until } from '../support/core-app.js';
import { gatewayApp, type GatewayApp } from '../support/gateway-app.js';

/** Changes a table that everybody reads and writes. */
const OF_MESSAGES = 'ReopenedTodos1790000000018';
const OLD = Date.UTC(2020, 0, 6);
const WEEK_MS = 7 * 24 * 3_600_000;

let gateway: GatewayApp;
/** In a transaction that goes on and on: whoever wants the table for himself waits for it. */
let reader: Client;
let writer: Client;
beforeAll(async () => {
  gateway = await gatewayApp();
  [reader, writer] = await Promise.all([open('a long report'), open('a writer')]);
});
afterAll(async () => {
  await Promise.all([reader?.end(), writer?.end()]);
  await gateway?.close();
});

async function open(name: string): Promise<Client> {
  const client = new Client({ connectionString: gateway.databaseUrl, application_name: name });
  await client.connect();
  return client;
}

const hold = async (): Promise<void> => {
  await reader.query('BEGIN');
  await reader.query('SELECT FROM message LIMIT 1');
};
const letGo = (): Promise<unknown> => reader.query('COMMIT');
const write = (): Promise<unknown> => writer.query('UPDATE message SET accepted_at = now() WHERE false');

describe('while a long transaction reads a table', () => {
  it('a migration that changes it waits without holding up those who write, and tells for whom', async () => {
    await takeBackTo(OF_MESSAGES);
    await hold();
    const lines: string[] = [];
    const migrated = runMigrations(gateway.databaseUrl, 4, (line) => lines.push(line));
    await until(
      'it tells',
      () => Promise.resolve(lines.length),
      (count) => count > 0,
    );
    await until('it waits again', isAnyoneWaiting, (is) => is);
    await write();
    expect((await reader.query('SELECT 1')).rowCount).toBe(1);
    await letGo();
    expect(await migrated).toContain(OF_MESSAGES);
    expect(lines).toEqual([expect.stringMatching(/waiting for the lock of a table; oldest .*a long report/)]);
  });

  it('partitions are made beside it', async () => {
    await hold();
    const before = await parts();
    const later = Date.now() + 30 * WEEK_MS;
    await gateway.database.transaction((tx) => new PartitionsRepository().ensure(tx, later, 4));
    expect(await parts()).toBeGreaterThan(before);
    await letGo();
  });

  it('a partition past retention is left for the next time, and nobody waits for that', async () => {
    await gateway.database.query(
      `CREATE TABLE message_old PARTITION OF message FOR VALUES FROM ('${firstIdAt(OLD)}') TO ('${firstIdAt(OLD + 1000)}')`,
    );
    const drop = (): Promise<unknown> => new PartitionsRepository().dropBefore(gateway.database, OLD + WEEK_MS);
    await hold();
    expect(await drop()).toEqual({ dropped: [], inUse: ['message_old'] });
    await letGo();
    expect(await drop()).toEqual({ dropped: ['message_old'], inUse: [] });
  });
});

it('a partition has the indexes, defaults and rules of its table', async () => {
  const differing = await gateway.database.query(
    `SELECT p.relname FROM pg_inherits i JOIN pg_class t ON t.oid = i.inhparent JOIN pg_class p ON p.oid = i.inhrelid
      WHERE t.relname IN ('message', 'message_state', 'delivery', 'delivery_attempt')
        AND (${shapeOf('t')}) IS DISTINCT FROM (${shapeOf('p')})`,
  );
  expect(differing).toEqual([]);
  expect(await parts()).toBeGreaterThan(0);
});

/** Columns with their types, NOT NULL, defaults and storage; checks; how many indexes. */
const shapeOf = (table: string): string => `
  SELECT jsonb_build_array(
    (SELECT jsonb_agg(jsonb_build_array(a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attstorage, a.attcompression,
                                        a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) ORDER BY a.attname)
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = ${table}.oid AND a.attnum > 0 AND NOT a.attisdropped),
    (SELECT jsonb_agg(jsonb_build_array(c.conname, pg_get_constraintdef(c.oid)) ORDER BY c.conname)
       FROM pg_constraint c WHERE c.conrelid = ${table}.oid AND c.contype = 'c'),
    (SELECT count(*) FROM pg_index x WHERE x.indrelid = ${table}.oid))`;

const parts = async (): Promise<number> => {
  const [row] = await gateway.database.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent = 'message'::regclass`,
  );
  return row?.n ?? 0;
};

const isAnyoneWaiting = async (): Promise<boolean> =>
  (await gateway.database.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`)).length >
  0;

/** This migration and all after it. */
async function takeBackTo(name: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url: gateway.databaseUrl,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
  });
  await source.initialize();
  const count = MIGRATIONS.length - MIGRATIONS.findIndex((migration) => migration.name === name);
  for (let i = 0; i < count; i++) await source.undoLastMigration();
  await source.destroy();
}
