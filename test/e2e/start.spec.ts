import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../broker/messaging/eventually.js';
import { testDatabase } from '../support/database.js';
import { stablePort } from '../support/stable-port.js';

const ROOT = resolve(import.meta.dirname, '../..');

interface Started {
  child: ChildProcess;
  output: { out: string; err: string };
  ended: Promise<number | string | null>;
}

const started: Started[] = [];
let folder: string;
let dataDir: string;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'message-center-start-'));
  dataDir = join(folder, 'data');
  port = await stablePort();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    signalGroup(child, 'SIGKILL');
    await ended;
  }
});

/** As from a terminal: a process group of its own, which Ctrl-C reaches as a whole. */
function start(command: string, args: string[], env: Record<string, string> = {}): Started {
  const child = spawn(command, args, {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: String(port), DATA_DIR: dataDir, ...env },
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()));
  const ended = new Promise<number | string | null>((settle) =>
    child.once('close', (code, signal) => settle(code ?? signal)),
  );
  const one = { child, output, ended };
  started.push(one);
  return one;
}

const npmStart = (env?: Record<string, string>): Started => start('npm', ['start', '--silent'], env);
const plainStart = (env?: Record<string, string>): Started => start(process.execPath, ['scripts/start.mjs'], env);

async function ready(one: Started): Promise<Started> {
  const look = async (): Promise<string> => {
    if (one.child.exitCode !== null) throw new Error(`it ended: ${one.output.err}`);
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    return answer?.ok ? 'ready' : one.output.out + one.output.err;
  };
  await eventually(look, (seen) => seen === 'ready', 60_000);
  return one;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // it has ended
  }
}

async function ctrlC(one: Started): Promise<void> {
  signalGroup(one.child, 'SIGINT');
  await one.ended;
}

const postgresPid = (): number => Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

/** A process that has ended and only waits to be reaped by init (state Z) is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

const asAdmin = (token: string, body?: object): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}/v1/client-apps`, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${token}`,
      connection: 'close',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });

const keptToken = (): string => readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();

describe('npm start', () => {
  it('comes up with nothing but a folder, tells what to do next, and leaves nothing behind after Ctrl-C', async () => {
    const one = await ready(npmStart());
    expect(one.output.out).toContain(`http://127.0.0.1:${port}`);
    expect(one.output.out).toContain('admin-token');
    expect(one.output.out).not.toContain(keptToken());
    const [metrics = ''] = /http:\S+\/metrics/.exec(one.output.out) ?? [];
    expect(await (await fetch(metrics)).text()).toMatch(/^mc_mqtt_devices 0$/m);
    const app = { appId: 'first', name: 'first app', channels: ['portal', 'sms'] };
    expect((await asAdmin(keptToken(), app)).status).toBe(201);
    const pid = postgresPid();
    expect(isAlive(pid)).toBe(true);
    await ctrlC(one);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
    expect(one.output.err).not.toMatch(/error/i);
  }, 90_000);

  it('finds its data at the second start, and a given ADMIN_TOKEN opens instead of the kept one', async () => {
    const given = 'a-token-of-my-own-long-enough';
    const one = await ready(plainStart({ ADMIN_TOKEN: given }));
    const answer = await asAdmin(given);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('"first"');
    expect((await asAdmin(keptToken())).status).toBe(401);
    await ctrlC(one);
    expect(await one.ended).toBe(0);
  }, 90_000);

  it('comes up again after kill -9, with its data', async () => {
    const one = await ready(plainStart());
    const pid = postgresPid();
    process.kill(one.child.pid ?? 0, 'SIGKILL');
    await one.ended;
    const next = await ready(plainStart());
    expect(await (await asAdmin(keptToken())).text()).toContain('"first"');
    expect(postgresPid()).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
    await ctrlC(next);
  }, 90_000);

  it('migrates and uses the database that a file names, not one that the driver would find by itself', async () => {
    const database = await testDatabase();
    const urlFile = join(folder, 'database-url');
    writeFileSync(urlFile, `${database.url}\n`);
    const nowhere = { PGHOST: '127.0.0.1', PGPORT: '1' };
    const one = await ready(
      plainStart({ DATABASE_URL_FILE: urlFile, DATA_DIR: join(folder, 'own database'), ...nowhere }),
    );
    await ctrlC(one);
    await database.drop();
    expect(await one.ended).toBe(0);
  }, 60_000);

  it('says in one line that the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const { port: taken } = other.address() as { port: number };
    const one = plainStart({ PORT: String(taken) });
    expect(await one.ended).toBe(1);
    other.close();
    expect(one.output.err.trim().split('\n')).toEqual([expect.stringMatching(`Port ${taken} is taken`)]);
  });

  it('says in one line that the data folder cannot be used', async () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    const one = plainStart({ DATA_DIR: file });
    expect(await one.ended).toBe(1);
    expect(one.output.err.trim().split('\n')).toEqual([expect.stringContaining(file)]);
  });

  it('says in one line that the data folder is in use', async () => {
    const first = await ready(plainStart());
    const second = plainStart({ PORT: String(await stablePort()) });
    expect(await second.ended).toBe(1);
    expect(second.output.err.trim().split('\n')).toEqual([expect.stringContaining('is in use by process')]);
    await ctrlC(first);
  }, 60_000);
});
