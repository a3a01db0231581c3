import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { DataSource, type EntityMetadata } from 'typeorm';
import { ENTITIES, runMigrations, type Sql } from '#entities';
import { schemaProblem } from '../../libs/entities/src/connection/schema-check.js';
import { MIGRATIONS } from '../../libs/entities/src/migrations/index.js';
import { testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await testDatabase();
  source = new DataSource({
    type: 'postgres',
    url: database.url,
    entities: ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
  });
  await source.initialize();
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
});

interface Column {
  table: string;
  name: string;
  type: string;
  required: boolean;
}

const stored = (): Promise<Column[]> =>
  source.query<Column[]>(`
    SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> 'schema_migration'
     ORDER BY 1, 2`);

const TYPES: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone' };

const declared = (metadata: EntityMetadata): Column[] =>
  metadata.columns.map((column) => ({
    table: metadata.tableName,
    name: column.databaseName,
    type: (TYPES[String(column.type)] ?? String(column.type)) + (column.isArray ? '[]' : ''),
    required: !column.isNullable,
  }));

const byName = (a: Column, b: Column): number => `${a.table}.${a.name}`.localeCompare(`${b.table}.${b.name}`);

describe('schema', () => {
  it('has an entity for every table, column by column with its type and whether it may be null', async () => {
    const entities = source.entityMetadatas.flatMap(declared);
    expect(entities.length).toBeGreaterThan(200);
    expect(entities.sort(byName)).toEqual((await stored()).sort(byName));
  });

  it('has the primary keys that the entities name', async () => {
    const keys = await source.query<{ table: string; columns: string[] }[]>(`
      SELECT c.relname AS "table", array_agg(a.attname::text ORDER BY a.attname::text) AS columns
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
       WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition
         AND c.relname <> 'schema_migration'
       GROUP BY 1`);
    const named = source.entityMetadatas.map(({ tableName, primaryColumns }) => ({
      table: tableName,
      columns: primaryColumns.map((column) => column.databaseName).sort(),
    }));
    const order = (a: { table: string }, b: { table: string }): number => a.table.localeCompare(b.table);
    expect(named.sort(order)).toEqual(keys.sort(order));
  });

  it('is the same after every migration was taken back and run again', async () => {
    const before = await stored();
    for (const _ of MIGRATIONS) await source.undoLastMigration();
    expect(await stored()).toEqual([]);
    expect(await runMigrations(database.url)).toEqual(MIGRATIONS.map((migration) => migration.name));
    expect(await stored()).toEqual(before);
  });
});

describe('whether a program finds its schema', () => {
  const problem = (url: string, prepare?: (sql: Sql) => Promise<unknown>): Promise<string | null> => {
    const client = new Client({ connectionString: url });
    const sql: Sql = {
      query: async <R extends object>(text: string, values?: unknown[]) => (await client.query<R>(text, values)).rows,
    };
    return client
      .connect()
      .then(() => prepare?.(sql))
      .then(() => schemaProblem(sql))
      .finally(() => client.end());
  };

  it('is told of one that is as new, and of a newer one', async () => {
    expect(await problem(database.url)).toBeNull();
    const newer = `INSERT INTO schema_migration (timestamp, name) VALUES (1800000000000, 'Later1800000000000')`;
    expect(await problem(database.url, (sql) => sql.query(newer))).toBeNull();
  });

  it('is told of one that is behind, and of none at all', async () => {
    const behind = await testDatabase();
    const last = MIGRATIONS.at(-1)?.name;
    expect(
      await problem(behind.url, (sql) => sql.query('DELETE FROM schema_migration WHERE name = $1', [last])),
    ).toContain('run the migration first');
    expect(await problem(behind.url, (sql) => sql.query('DROP TABLE schema_migration'))).toContain('run the migration');
    await behind.drop();
  });

  it('is taken for granted by a role that may not look', async () => {
    const role = `mc_blind_${process.pid}`;
    await source.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    try {
      expect(await problem(database.url, (sql) => sql.query(`SET ROLE ${role}`))).toBeNull();
    } finally {
      await source.query(`DROP ROLE ${role}`);
    }
  });
});
