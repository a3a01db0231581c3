import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../broker/messaging/eventually.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { HAS_BROKER, WITHOUT_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { stablePort } from '../support/stable-port.js';

const ROOT = resolve(import.meta.dirname, '../..');

let dataDir: string;
let database: TestDatabase;
let running: Started | undefined;

interface Started {
  child: ChildProcess;
  out: () => string;
  /** Lines of stderr of the script itself. */
  err: () => string[];
  ended: Promise<number | null>;
}

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'message-center-distributed-'));
  database = await testDatabase();
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A file with a secret, to be named by `<NAME>_FILE`. */
function secretFile(name: string, text: string): string {
  const file = join(dataDir, name);
  writeFileSync(file, `${text}\n`);
  return file;
}

async function start(env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, ['scripts/start-distributed.mjs'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(await stablePort()),
      HEALTH_PORT: String(await stablePort()),
      DATA_DIR: dataDir,
      ...env,
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((settle) => child.once('close', settle));
  return (running = { child, out: () => out, err: () => err.trim().split('\n'), ended });
}

describe('npm run start:distributed', () => {
  (HAS_BROKER ? it : it.skip)(
    `takes its servers from files, and leads no device to a port that nobody serves${WITHOUT_BROKER}`,
    async () => {
      const broker = await openVirtualHost();
      mkdirSync(dataDir, { recursive: true });
      secretFile('mqtt-url', 'mqtt://127.0.0.1:1883'); // left by an npm start
      const one = await start({
        DATABASE_URL_FILE: secretFile('database-url', database.url),
        RABBITMQ_URL_FILE: secretFile('rabbitmq-url', broker.url),
      });
      await eventually(
        () => one.out() + (one.child.exitCode === null ? '' : `ended: ${one.err().join('\n')}`),
        (seen) => /Ctrl-C stops all of them|ended/.test(seen),
        90_000,
      );
      expect(one.err()).toEqual(['']);
      expect(one.out()).toContain('RabbitMQ         RABBITMQ_URL\n');
      expect(existsSync(join(dataDir, 'mqtt-url'))).toBe(false);
      one.child.kill('SIGTERM');
      expect(await one.ended).toBe(0);
      await broker.drop();
    },
    120_000,
  );

  it('says in one line that no node of RABBITMQ_URL answers', async () => {
    const nowhere = 'amqp://mc:canary@127.0.0.1:1,amqp://mc:canary@127.0.0.1:2';
    const one = await start({ DATABASE_URL: database.url, RABBITMQ_URL_FILE: secretFile('rabbitmq-url', nowhere) });
    expect(await one.ended).toBe(1);
    expect(one.err()).toEqual(['RABBITMQ_URL is set, but no broker answers there: ECONNREFUSED, ECONNREFUSED']);
  });

  (HAS_BROKER ? it : it.skip)(`says without a stack that the database was not migrated${WITHOUT_BROKER}`, async () => {
    const broker = await openVirtualHost();
    const one = await start({ DATABASE_URL: 'postgres://mc:canary@127.0.0.1:1/mc', RABBITMQ_URL: broker.url });
    expect(await one.ended).toBe(1);
    expect(one.err()).toEqual([
      expect.stringMatching(/^migrate +\| migration failed: /),
      'The database at DATABASE_URL was not migrated (exit 1)',
    ]);
    await broker.drop();
  });

  it('checks every setting before it touches anything', async () => {
    const folder = join(dataDir, 'new');
    const one = await start({ DATA_DIR: folder, LOG_LEVEL: 'loud', ADMIN_TOKEN: 'short', DATABASE_URL: 'mysql://x' });
    expect(await one.ended).toBe(1);
    expect(one.err().map((line) => line.trim().split(':')[0])).toEqual([
      'The configuration is not usable',
      'DATABASE_URL',
      'ADMIN_TOKEN',
      'LOG_LEVEL',
    ]);
    expect(existsSync(folder)).toBe(false);
  });
});
