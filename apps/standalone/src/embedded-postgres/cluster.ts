import { spawn, type SpawnOptions } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStartError } from './cannot-start.error.js';
import { giveTo, type ServerFiles } from './server-files.js';
import type { ServerIdentity } from './server-identity.js';

export const DATABASE = 'message_center';
export const SUPERUSER = 'postgres';

/** The server reads many settings from PG* variables: it gets none of ours. */
export const SERVER_ENV: NodeJS.ProcessEnv = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };

/** Major version of the binaries pinned in package.json; a cluster of another one cannot be opened by them. */
const MAJOR_VERSION = '18';

/** Makes sure there is a cluster folder that the server can open; answers its path. A start cut off half-way leaves nothing behind. */
export async function ensureCluster(
  files: ServerFiles,
  identity: ServerIdentity,
  password: string,
  log: (line: string) => void,
): Promise<string> {
  const cluster = join(files.home, 'postgres');
  if (existsSync(cluster)) {
    checkVersion(cluster);
    if (process.getuid?.() === 0) giveTo(identity.otherUser ?? { uid: 0, gid: 0 }, cluster);
    return cluster;
  }
  log('first start: creating the database');
  const unfinished = join(files.home, 'postgres.unfinished');
  const passwordFile = join(files.home, `password.${randomBytes(6).toString('hex')}`);
  rmSync(unfinished, { recursive: true, force: true });
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (identity.otherUser) {
      for (const path of [unfinished, passwordFile]) chownSync(path, identity.otherUser.uid, identity.otherUser.gid);
    }
    await runTool(identity, join(files.binaries, 'bin', 'initdb'), initArguments(unfinished, passwordFile));
    const single = ['--single', '-D', unfinished, 'postgres'];
    await runTool(identity, join(files.binaries, 'bin', 'postgres'), single, `CREATE DATABASE ${DATABASE}\n`);
    renameSync(unfinished, cluster);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
  return cluster;
}

/** UTF-8 text sorted by code point (as architecture §4 needs it for keysets), upper/lower case for all of Unicode. */
const initArguments = (folder: string, passwordFile: string): string[] => [
  `--pgdata=${folder}`,
  `--username=${SUPERUSER}`,
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-instructions',
];

function checkVersion(cluster: string): void {
  let version: string;
  try {
    version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  } catch (error) {
    throw new CannotStartError(`${cluster} is not a database this user can open: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (version !== MAJOR_VERSION) {
    throw new CannotStartError(
      `${cluster} was made by PostgreSQL ${version}, this is ${MAJOR_VERSION}: dump it with the old version or name another DATA_DIR`,
    );
  }
}

/** Runs one of the server's tools to its end; its last words become the error. */
function runTool(identity: ServerIdentity, tool: string, args: string[], input = ''): Promise<void> {
  const [command, commandLine] = identity.wrap(tool, args);
  const options: SpawnOptions = { ...identity.otherUser, cwd: '/', env: SERVER_ENV, stdio: 'pipe' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandLine, options);
    let words = '';
    child.stdout?.resume();
    child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000)));
    child.stdin?.on('error', () => undefined); // a tool that died early says why by its exit code
    child.stdin?.end(input);
    child.once('error', (error) =>
      reject(new CannotStartError(`${tool} cannot be run: ${error.message}`, { cause: error })),
    );
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const lines = words.split('\n').filter((line) => /error|fatal|panic/i.test(line));
      reject(new CannotStartError(`The database could not be created: ${(lines[0] ?? words).trim().split('\n')[0]}`));
    });
  });
}
