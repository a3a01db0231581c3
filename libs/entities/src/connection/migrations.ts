import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, MigrationExecutor } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { PartitionsRepository } from './partitions.repository.js';
import { LOCK_NOT_AVAILABLE, sqlStateOf } from './sql-state.js';
import type { Sql } from './database.js';

/** Weeks a partition spans where nothing else is set. */
const DEFAULT_PARTITION_WEEKS = 4;
/** Whoever comes to a table after a statement that waits for its lock waits as well: so it gives up soon, and comes again. */
const LOCK_TIMEOUT_MS = 500;
/** For those who waited behind it to get through. */
const PAUSE_MS = 1_000;
/** About a minute and a half: longer than any statement of ours runs. */
const MAX_TRIES = 60;
/** Holders that are named. */
const MAX_NAMED = 3;

interface Holder {
  pid: number;
  name: string;
  seconds: number;
}

/**
 * Brings the database at `url` to the newest schema and makes the partitions ahead. Answers the migrations it ran. Does not
 * hold up those who work there: a lock that is not had at once is asked for again later.
 * @param say is told, the first time, whom a lock is waited for
 * @throws the database's 55P03 where it is not had in a minute and a half; what ran before it stands
 */
export async function runMigrations(
  url: string,
  partitionWeeks = DEFAULT_PARTITION_WEEKS,
  say: (line: string) => void = () => undefined,
): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
    synchronize: false,
    // What fails is thrown, and what fails for want of a lock is none.
    logger: 'debug',
    poolSize: 2,
    extra: { lock_timeout: LOCK_TIMEOUT_MS, keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
  });
  await dataSource.initialize();
  try {
    const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
    await again(dataSource, say, async () => {
      await dataSource.runMigrations({ transaction: 'each' });
      await dataSource.transaction(async (manager) => {
        const tx: Sql = { query: (text, values) => manager.query(text, values) };
        await new PartitionsRepository().ensure(tx, Date.now(), partitionWeeks);
      });
    });
    return pending.map((migration) => migration.name);
  } finally {
    await dataSource.destroy();
  }
}

/** Until no lock is missing any more. */
async function again(dataSource: DataSource, say: (line: string) => void, body: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await body();
    } catch (error) {
      if (sqlStateOf(error) !== LOCK_NOT_AVAILABLE || tries === MAX_TRIES) throw error;
      if (tries === 1) say(`waiting for the lock of a table; ${await oldestTransactions(dataSource)}`);
      await sleep(PAUSE_MS);
    }
  }
}

/** Those that may hold it: the statement that was refused it cannot be asked any more. */
async function oldestTransactions(dataSource: DataSource): Promise<string> {
  const holders = await dataSource.query<Holder[]>(
    `SELECT pid, application_name AS name, extract(epoch FROM clock_timestamp() - xact_start)::int AS seconds
       FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
      ORDER BY xact_start LIMIT ${MAX_NAMED}`,
  );
  const named = holders.map(({ pid, name, seconds }) => `pid ${pid} (${name || 'without a name'}, for ${seconds} s)`);
  return `oldest transactions: ${named.join(', ') || 'none any more'}`;
}
