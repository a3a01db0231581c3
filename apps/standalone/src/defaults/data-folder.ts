import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CannotStartError } from '../embedded-postgres/cannot-start.error.js';

/** Makes the folder (mode 0700; one that exists keeps its mode) and answers its real path. */
export function makeDataFolder(dataDir: string): string {
  return inDataFolder(dataDir, () => {
    makeFolder(resolve(dataDir));
    return realpathSync(dataDir);
  });
}

/** Not by `recursive`: Node 20 never comes back from it below /proc, where a parent exists and the child cannot. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
}

/** Runs what works in the data folder; what the file system refuses becomes one line that names the folder. */
export function inDataFolder<T>(dataDir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw dataFolderError(dataDir, error);
  }
}

export function dataFolderError(dataDir: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  const reason = REASONS[code] ?? (error as Error).message;
  return new CannotStartError(`The data folder ${dataDir} cannot be used (${reason}): set DATA_DIR=<another folder>`, {
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it is not a folder',
  ENOTDIR: 'it is not a folder',
  ENOENT: 'it cannot be made there',
};
