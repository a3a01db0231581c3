import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { PartitionsRepository } from './partitions.repository.js';
import type { Sql } from './database.js';

/** Weeks a partition spans where nothing else is set. */
const DEFAULT_PARTITION_WEEKS = 4;

/** Brings the database at `url` to the newest schema and makes the partitions ahead. Answers the migrations it ran. */
export async function runMigrations(url: string, partitionWeeks = DEFAULT_PARTITION_WEEKS): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    migrations: MIGRATIONS,
    migrationsTableName: 'schema_migration',
    synchronize: false,
    poolSize: 2,
  });
  await dataSource.initialize();
  try {
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    await dataSource.transaction(async (manager) => {
      const tx: Sql = { query: (text, values) => manager.query(text, values) };
      await new PartitionsRepository().ensure(tx, Date.now(), partitionWeeks);
    });
    return ran.map((migration) => migration.name);
  } finally {
    await dataSource.destroy();
  }
}
