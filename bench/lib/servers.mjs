// The servers the figures stand on: PostgreSQL (durable), RabbitMQ, Redis. All private, all ended by the bench.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Redis from 'ioredis';
import pg from 'pg';
import { startBound, stopBound } from '../../scripts/lib/children.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';
import { findOrStartRabbit } from '../../scripts/lib/rabbitmq.mjs';
import { freePorts } from './processes.mjs';

const dist = (path) => import(join(ROOT, 'dist', path));
/** Nobody listens there: makes `findOrStartRabbit` start a server of its own. */
const NOWHERE = 'amqp://guest:guest@127.0.0.1:1';

/** Removed by `stop`. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(join(tmpdir(), `message-center-bench-${name}-`));
  return { folder, stop: async () => rmSync(folder, { recursive: true, force: true }) };
}

/** A migrated database of its own. `version`: what the server says of itself. */
export async function startDatabase() {
  const server = process.env.BENCH_DATABASE_URL ? onForeignServer() : await onEmbeddedServer();
  const name = `mc_bench_${process.pid}`;
  await run(server.url, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const { runMigrations } = await dist('libs/entities/src/index.js');
  await runMigrations(url);
  const [{ version, commit, fsync }] = await run(
    url,
    `SELECT current_setting('server_version') AS version, current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync`,
  );
  const stop = async () => {
    await run(server.url, `DROP DATABASE ${name} WITH (FORCE)`).catch((error) => console.error(error.message));
    await server.stop();
  };
  return { url, facts: `PostgreSQL ${version} (${server.from}), fsync ${fsync}, synchronous_commit ${commit}`, stop };
}

function onForeignServer() {
  return { url: process.env.BENCH_DATABASE_URL, from: 'BENCH_DATABASE_URL', stop: async () => undefined };
}

async function onEmbeddedServer() {
  const { startEmbeddedPostgres } = await dist('apps/standalone/src/embedded-postgres/embedded-postgres.js');
  const data = temporaryFolder('postgres');
  const server = await startEmbeddedPostgres({ dataDir: data.folder, durable: true, log: () => undefined });
  const stop = async () => {
    await server.stop();
    await data.stop();
  };
  return { url: server.url, from: 'embedded', stop };
}

async function run(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Null, said aloud, where no broker can be had. */
export async function startBroker() {
  const { BENCH_RABBITMQ_URL } = process.env;
  const { broker, whyNot } = await findOrStartRabbit(
    BENCH_RABBITMQ_URL ? { RABBITMQ_URL: BENCH_RABBITMQ_URL } : {},
    NOWHERE,
  );
  if (broker) return broker;
  console.log(`  SKIPPED: everything that needs RabbitMQ (${whyNot})`);
  return null;
}

/** A Redis that forces every write to disk, as PostgreSQL does. Null, said aloud, where there is no binary. */
export async function startRedis() {
  const binary = process.env.BENCH_REDIS_SERVER ?? 'redis-server';
  const probe = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    console.log('  SKIPPED: peers on Redis (no redis-server found; set BENCH_REDIS_SERVER)');
    return null;
  }
  const data = temporaryFolder('redis');
  const [port] = await freePorts(1);
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: data.folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = startBound(binary, args, { stdio: 'ignore' });
  const stop = async () => {
    await stopBound(child, 10_000);
    await data.stop();
  };
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined); // it is not up yet; `connect` tells, too
  for (const giveUpAt = Date.now() + 10_000; ; await sleep(50)) {
    const isUp = await client
      .connect()
      .then(() => client.ping())
      .catch(() => null);
    if (isUp) break;
    if (Date.now() > giveUpAt) {
      await stop();
      throw new Error(`${binary} did not start`);
    }
  }
  await client.quit();
  return {
    url: `redis://127.0.0.1:${port}`,
    facts: `Redis ${/v=([\d.]+)/.exec(probe.stdout)?.[1]}, appendfsync always`,
    stop,
  };
}
