// PostgreSQL for the tests: TEST_DATABASE_URL, else the embedded one on a free port, without fsync, in memory where there is room.
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT } from './project.mjs';

const MEMORY = '/dev/shm';
const MEMORY_NEEDED_BYTES = 4 * 1024 ** 3;
const WEEK_MS = 7 * 24 * 3_600_000;

/** @returns {Promise<{ url: string, from: string, stop: () => Promise<void> }>} */
export async function testPostgres() {
  const url = process.env.TEST_DATABASE_URL;
  if (url) {
    await dropLeftOvers(url);
    return { url, from: 'TEST_DATABASE_URL', stop: async () => undefined };
  }
  const { startEmbeddedPostgres } = await import(
    join(ROOT, 'dist/apps/standalone/src/embedded-postgres/embedded-postgres.js')
  );
  const dataDir = mkdtempSync(join(folder(), 'message-center-postgres-'));
  const server = await startEmbeddedPostgres({ dataDir, durable: false, log: () => undefined });
  const stop = async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { url: server.url, from: 'embedded', stop };
}

/** Each suite makes databases of a thousand files: in memory that costs a third. */
function folder() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > MEMORY_NEEDED_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Databases of processes that are gone, templates of former weeks. One in use (by a run on another machine) stays. */
async function dropLeftOvers(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      "SELECT datname FROM pg_database WHERE datname ~ '^mc_(test|template)_[0-9]+_'",
    );
    for (const { datname } of rows) {
      if (isWanted(datname)) continue;
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)}`).catch((error) => {
        if (error.code !== '55006') throw error; // sessions are connected
      });
    }
  } finally {
    await client.end();
  }
}

/** Names are given by test/support/database.ts: `mc_test_<pid>_…`, `mc_template_<week>_…`. */
function isWanted(database) {
  const [, kind, number] = database.split('_');
  return kind === 'test' ? isAlive(Number(number)) : Number(number) === Math.floor(Date.now() / WEEK_MS);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
