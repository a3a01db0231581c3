import { runMigrations } from './connection/migrations.js';

/** `npm run migrate`: a job of its own in containers, so that N replicas never race to change the schema. */
const url = process.env.DATABASE_URL; // eslint-disable-line no-restricted-syntax -- a program of its own, without Nest
if (!url) {
  process.stderr.write('DATABASE_URL is not set: give the PostgreSQL to migrate, e.g. postgres://user:pass@host/db\n');
  process.exit(1);
}
try {
  const ran = await runMigrations(url);
  process.stdout.write(ran.length > 0 ? `migrated: ${ran.join(', ')}\n` : 'schema is up to date\n');
} catch (error) {
  process.stderr.write(`migration failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
