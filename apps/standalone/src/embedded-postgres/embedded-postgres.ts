import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStartError } from './cannot-start.error.js';
import { DATABASE, SERVER_ENV, SUPERUSER, ensureCluster } from './cluster.js';
import { endOrphan, stopProcess } from './orphan.js';
import { keptSecret } from './kept-secret.js';
import { serverFiles } from './server-files.js';
import { serverIdentity, type ServerIdentity } from './server-identity.js';
import { serverSettings } from './server-settings.js';

export interface EmbeddedPostgresOptions {
  /** Existing folder that belongs to the caller alone; the cluster is its subfolder `postgres`. */
  dataDir: string;
  /** TCP port on 127.0.0.1; 0 or absent = any free one. */
  port?: number;
  /** False only for data nobody will miss: nothing is forced to disk. */
  durable: boolean;
  /** Takes rare lines for a person: first start, left-overs of an earlier run. */
  log: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** With the password: never log it. */
  url: string;
  pid: number;
  /** Settles with the reason when the server ends without `stop` having been called. */
  lost: Promise<string>;
  /** Fast shutdown: open transactions are rolled back. May be called twice. */
  stop(): Promise<void>;
}

/** A server with much to replay after a crash still needs its time. */
const START_TIMEOUT_MS = 120_000;

/**
 * Starts PostgreSQL on a folder, creating the cluster at the first start. It listens on 127.0.0.1 only, with a random
 * password kept beside the cluster (mode 0600), and ends when this process ends, however it ends (Linux).
 * Throws `CannotStartError`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const dataDir = realpathSync(options.dataDir);
  const identity = serverIdentity();
  const files = serverFiles(dataDir, identity, log);
  const password = keptSecret(join(dataDir, 'postgres-password'));
  const cluster = await ensureCluster(files, identity, password, log);
  await endOrphan(cluster, log);
  const port = options.port || (await freePort());
  const logFile = join(dataDir, 'postgres.log');
  const args = ['-D', cluster, ...serverSettings(port, options.durable).flatMap((setting) => ['-c', setting])];
  const server = launch(identity, join(files.binaries, 'bin', 'postgres'), args, logFile);
  const ended = new Promise<string>((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.once('exit', () => resolve(lastWords(logFile)));
  });
  await Promise.race([
    untilReady(cluster, server),
    ended.then((words) => Promise.reject(new CannotStartError(`The database server did not start: ${words}`))),
  ]);
  const { pid } = server;
  if (pid === undefined) throw new CannotStartError('The database server did not start');
  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    pid,
    lost: new Promise((resolve) => void ended.then((words) => stopping ?? resolve(words))),
    stop: () => (stopping ??= stopProcess(pid).then(() => undefined)),
  };
}

/**
 * In a session of its own: Ctrl-C in a terminal reaches the whole foreground group, and the server must outlive the
 * programs that still drain. For the same reason its death follows ours by the kernel's word, not by a handler.
 */
function launch(identity: ServerIdentity, postgres: string, args: string[], logFile: string): ChildProcess {
  const [command, commandLine] = identity.wrap(...boundToThisProcess(postgres, args));
  const output = openSync(logFile, 'w', 0o600);
  try {
    return spawn(command, commandLine, {
      ...identity.otherUser,
      cwd: '/',
      env: SERVER_ENV,
      detached: true,
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
}

function boundToThisProcess(command: string, args: string[]): [string, string[]] {
  const bound = ['--pdeathsig', 'INT', '--'];
  const canBind = process.platform === 'linux' && spawnSync('setpriv', [...bound, 'true']).status === 0;
  return canBind ? ['setpriv', [...bound, command, ...args]] : [command, args];
}

/** The server writes its state into the eighth line of its pid file. */
async function untilReady(cluster: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (server.exitCode === null && server.signalCode === null) {
    const [pid, , , , , , , state] = readLines(join(cluster, 'postmaster.pid'));
    if (Number(pid) === server.pid && state?.trim() === 'ready') return;
    if (Date.now() > deadline) {
      server.kill('SIGQUIT');
      throw new CannotStartError(`The database server was not ready within ${START_TIMEOUT_MS / 1000} s`);
    }
    await sleep(20);
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function lastWords(logFile: string): string {
  const lines = readLines(logFile).filter(Boolean);
  return lines.filter((line) => /FATAL|PANIC|rror/.test(line)).at(-1) ?? lines.at(-1) ?? `see ${logFile}`;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
