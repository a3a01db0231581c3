import { readFileSync } from 'node:fs';
import { runMigrations } from './connection/migrations.js';

/* `npm run migrate`: a job of its own in containers, so that N replicas never race to change the schema. It runs without
 * Nest and reads the two settings that concern it by itself. */
const env = process.env; // eslint-disable-line no-restricted-syntax -- a program of its own, without libs/platform
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const fail = (line: string): never => {
  say(line);
  process.exit(1);
};

try {
  const url =
    env['DATABASE_URL'] || (env['DATABASE_URL_FILE'] && readFileSync(env['DATABASE_URL_FILE'], 'utf8').trim());
  if (!url) fail('DATABASE_URL is not set: give the PostgreSQL to migrate, e.g. postgres://user:pass@host/db');
  const weeks = Number(env['PARTITION_WEEKS'] || 4);
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > 26) fail('PARTITION_WEEKS must be a whole number from 1 to 26');
  const ran = await runMigrations(url ?? '', weeks, say);
  process.stdout.write(ran.length > 0 ? `migrated: ${ran.join(', ')}\n` : 'schema is up to date\n');
} catch (error) {
  fail(`migration failed: ${error instanceof Error ? error.message : String(error)}`);
}
