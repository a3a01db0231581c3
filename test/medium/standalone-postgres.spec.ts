import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../apps/standalone/src/embedded-postgres/embedded-postgres.js';

const MODULE = resolve(import.meta.dirname, '../../dist/apps/standalone/src/embedded-postgres/embedded-postgres.js');

let dataDir: string;
let lines: string[];
const servers: EmbeddedPostgres[] = [];
const parents: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'message-center-spec-'));
  lines = [];
});
afterEach(async () => {
  for (const parent of parents.splice(0)) parent.kill('SIGKILL');
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, durable: true, log: (line) => lines.push(line) });
  servers.push(server);
  return server;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // the server may go away under it
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Another process that starts the server on the same folder and holds it; answers the server's pid and url. */
async function startInAnotherProcess(): Promise<{ parent: ChildProcess; pid: number; url: string }> {
  const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(MODULE)});
    const { pid, url } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: true, log: () => {} });
    console.log(JSON.stringify({ pid, url }));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  parents.push(parent);
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, ...(JSON.parse(line.toString()) as { pid: number; url: string }) };
}

describe('embedded PostgreSQL', () => {
  it('finds its data again at the second start', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start();
    await expect(query(second.url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
    expect(lines).toEqual(['first start: creating the database']);
  });

  it('listens on loopback only, with UTF-8 text sorted by code point', async () => {
    const { url } = await start();
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const [row] = await query(
      url,
      `SELECT current_setting('listen_addresses') AS listens, current_setting('unix_socket_directories') AS sockets,
              current_setting('server_encoding') AS encoding, 'Z' < 'a' AS by_code_point, lower('Ä') AS lowered`,
    );
    expect(row).toEqual({ listens: '127.0.0.1', sockets: '', encoding: 'UTF8', by_code_point: true, lowered: 'ä' });
  });

  it('lets nobody in without the password, which only the owner can read', async () => {
    const { url } = await start();
    const guess = new URL(url);
    guess.password = 'wrong';
    await expect(query(guess.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
  });

  it('writes neither statements nor values into its log', async () => {
    const { url } = await start();
    await query(url, 'CREATE TABLE person (phone text PRIMARY KEY)');
    await query(url, "INSERT INTO person VALUES ('13800001111')");
    await expect(query(url, "INSERT INTO person VALUES ('13800001111')")).rejects.toMatchObject({ code: '23505' });
    const [server] = servers.splice(0);
    await server?.stop();
    expect(readFileSync(join(dataDir, 'postgres.log'), 'utf8')).not.toContain('13800001111');
  });

  it('keeps what was committed when server and parent are killed', async () => {
    const { parent, pid, url } = await startInAnotherProcess();
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    parent.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await once(parent, 'exit');
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(true);
    const again = await start();
    await expect(query(again.url, 'SELECT answer FROM kept')).resolves.toEqual([{ answer: 42 }]);
  });

  it('stops a server of an earlier run that is still up, and says so', async () => {
    const earlier = await startInAnotherProcess();
    const later = await start();
    expect(lines).toEqual([`a database server of an earlier run still runs (process ${earlier.pid}): stopping it`]);
    await expect(query(later.url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    await expect(query(earlier.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('never touches a program that was given the number of a dead server', async () => {
    await (await start()).stop();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    parents.push(bystander);
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${bystander.pid}\n${dataDir}/postgres\n1\n5432\n`);
    const again = await start();
    await expect(query(again.url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });

  it('starts over when the first start was cut off', async () => {
    const unfinished = join(dataDir, 'postgres.unfinished');
    await (await start()).stop();
    rmSync(join(dataDir, 'postgres'), { recursive: true });
    mkdirSync(join(unfinished, 'base'), { recursive: true });
    const again = await start();
    await expect(query(again.url, 'SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    expect(existsSync(unfinished)).toBe(false);
  });

  it('tells when the server ends by itself, not when it was stopped', async () => {
    const server = await start();
    process.kill(server.pid, 'SIGQUIT');
    await expect(server.lost).resolves.toEqual(expect.any(String));
    const stopped = await start();
    await stopped.stop();
    await expect(Promise.race([stopped.lost, Promise.resolve('silent')])).resolves.toBe('silent');
  });

  it('refuses the folder of another version in one line', async () => {
    await (await start()).stop();
    writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '15\n');
    await expect(start()).rejects.toMatchObject({
      code: 'CANNOT_START',
      message: expect.stringMatching(/was made by PostgreSQL 15, this is 18[^\n]*$/),
    });
  });
});
