import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Center, FIVE_APPS } from '../support/center.js';
import { testDatabase } from '../support/database.js';
import type { AppName } from '../support/processes.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';
/** Enough for a start to begin; neither server is there. */
const NEEDED = {
  DATABASE_URL: `postgres://mc:canary@${NOWHERE}/mc`,
  RABBITMQ_URL: `amqp://mc:canary@${NOWHERE}`,
  MASTER_KEY: 'ab'.repeat(32),
  HEALTH_PORT: '0',
  IM_WS_PORT: '0',
};

/** Runs an app that has to end by itself; answers what it wrote to stderr, by lines. */
function refusal(app: AppName, env: Record<string, string>): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, [`dist/bundle/${app}.js`], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 40_000,
    killSignal: 'SIGKILL',
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  return new Promise((settle) => child.once('close', (code) => settle({ code, lines: words.trim().split('\n') })));
}

/** Names of the settings that a refusal lists. */
const namedBy = (lines: string[]): (string | undefined)[] =>
  lines.slice(1).map((line) => /^ {2}(\w+): /.exec(line)?.[1]);

describe('an app that is a process of its own', () => {
  it.each(FIVE_APPS)('%s names a missing RABBITMQ_URL, without which it would reach nobody', async (app) => {
    const { RABBITMQ_URL: _, ...env } = NEEDED;
    const { code, lines } = await refusal(app, env);
    expect(code).toBe(1);
    expect(namedBy(lines)).toEqual(['RABBITMQ_URL']);
  });

  it('a channel-worker names a wrong CHANNELS together with everything else', async () => {
    const { code, lines } = await refusal('channel-worker', { ...NEEDED, CHANNELS: 'portal', LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect(namedBy(lines)).toEqual(['CHANNELS', 'LOG_LEVEL']);
  });

  it('says in one line that DATABASE_URL leads nowhere', async () => {
    const line = `PostgreSQL does not answer at ${NOWHERE}, where DATABASE_URL points (ECONNREFUSED): start it, or correct DATABASE_URL.`;
    // Side by side: each asks for some seconds whether it comes.
    const answers = await Promise.all((['gateway', 'dispatcher'] as const).map((app) => refusal(app, NEEDED)));
    expect(answers).toEqual(answers.map(() => ({ code: 1, lines: [line] })));
  });

  it.each(['gateway', 'reporting'] as const)('%s refuses a MASTER_KEY that opens nothing stored', async (app) => {
    const center = await Center.open(); // with a client app whose secret is sealed with the key of that center
    const { code, lines } = await refusal(app, { ...NEEDED, DATABASE_URL: center.databaseUrl });
    await center.close();
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^MASTER_KEY opens none of the secrets stored in this database/)]);
  });

  it('the gateway says in one line that its port is taken', async () => {
    const database = await testDatabase();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, lines } = await refusal('gateway', { ...NEEDED, DATABASE_URL: database.url, PORT: String(port) });
    other.close();
    await database.drop();
    expect(code).toBe(1);
    expect(lines).toEqual([`Port ${port} of 127.0.0.1 for HTTP is taken by another program: set PORT to a free one.`]);
  });
});

describe('npm start', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), 'message-center-refused-')), 'data');
  });
  afterEach(() => rmSync(join(dataDir, '..'), { recursive: true, force: true }));

  it('names every wrong setting before it makes a folder or a database', async () => {
    const wrong = { PORT: 'abc', LOG_LEVEL: 'loud', ADMIN_TOKEN: 'short' };
    const { code, lines } = await refusal('standalone', { ...wrong, DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(namedBy(lines)).toEqual(['PORT', 'ADMIN_TOKEN', 'LOG_LEVEL']);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('says in one line that DATABASE_URL leads nowhere', async () => {
    const { DATABASE_URL, IM_WS_PORT } = NEEDED;
    const { code, lines } = await refusal('standalone', { DATABASE_URL, IM_WS_PORT, PORT: '0', DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(`^PostgreSQL does not answer at ${NOWHERE}, where DATABASE_URL points`),
    ]);
  });
});
