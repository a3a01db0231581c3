import { MIGRATIONS } from '../migrations/index.js';
import type { Sql } from './database.js';
import { sqlStateOf } from './sql-state.js';

const UNDEFINED_TABLE = '42P01';
const MAY_NOT_LOOK = '42501';

/** What stands between this program and the schema it was written for; null: nothing. Newer ones are fine, older ones are not. */
export async function schemaProblem(sql: Sql): Promise<string | null> {
  const newest = MIGRATIONS.at(-1)?.name ?? '';
  try {
    const rows = await sql.query('SELECT FROM schema_migration WHERE name = $1', [newest]);
    return rows.length > 0 ? null : BEHIND;
  } catch (error) {
    if (sqlStateOf(error) === UNDEFINED_TABLE) return BEHIND;
    // A role with no more rights than it needs may not be allowed to see which migrations ran.
    if (sqlStateOf(error) === MAY_NOT_LOOK) return null;
    throw error;
  }
}

const BEHIND = 'the schema is older than this program: run the migration first';
