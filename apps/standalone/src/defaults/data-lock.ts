import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStartError } from '../embedded-postgres/cannot-start.error.js';

/**
 * One process a data folder. The file `lock` names its holder by pid and the moment that process began,
 * so a number given to another program later (containers use the same few again and again) does not keep us out.
 * Answers the release; throws CannotStartError while the holder lives.
 */
export function lockDataFolder(dataDir: string): () => void {
  const lock = join(dataDir, 'lock');
  const mark = randomBytes(6).toString('hex');
  const identity = `${process.pid} ${beginOf(process.pid)} ${mark}\n`;
  const draft = `${lock}.${mark}`;
  writeFileSync(draft, identity, { mode: 0o600 });
  try {
    while (!tryLink(draft, lock)) {
      const holder = read(lock);
      if (holder === null) continue; // released this very moment
      refuseWhileAlive(dataDir, holder);
      removeDead(lock, holder, mark);
    }
  } finally {
    unlinkSync(draft);
  }
  return () => {
    if (read(lock) === identity) rmSync(lock, { force: true });
  };
}

/** A link appears whole or not at all, and for one of several callers only. */
function tryLink(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function refuseWhileAlive(dataDir: string, holder: string): void {
  const [pid = '', begin] = holder.trim().split(' ');
  if (isAlive(Number(pid)) && beginOf(Number(pid)) === begin) {
    throw new CannotStartError(
      `The data folder ${dataDir} is in use by process ${pid}: stop it, or set DATA_DIR=<another folder>`,
    );
  }
}

/** What was moved aside may by now be the lock of someone quicker: then it is put back. */
function removeDead(lock: string, dead: string, mark: string): void {
  const aside = `${lock}.dead.${mark}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== dead) tryLink(aside, lock);
  unlinkSync(aside);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks from boot to the start of the process; `-` where the system does not tell. */
function beginOf(pid: number): string {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
    return afterName.split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}
