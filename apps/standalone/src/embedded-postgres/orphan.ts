import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotStartError } from './cannot-start.error.js';

/**
 * After a kill -9 of everything, `postmaster.pid` may name a server that still runs (its parent is gone, and the caller
 * holds the lock of the data folder, so nobody needs it), or a number that by now belongs to any other program.
 * The first is stopped, the second never touched.
 */
export async function endOrphan(cluster: string, log: (line: string) => void): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = readPid(pidFile);
  if (pid === null) return;
  if (isServerOf(cluster, pid)) {
    log(`a database server of an earlier run still runs (process ${pid}): stopping it`);
    if (!(await stopProcess(pid))) {
      throw new CannotStartError(
        `The database server of an earlier run (process ${pid}) cannot be stopped: end it first`,
      );
    }
  }
  rmSync(pidFile, { force: true }); // else the server refuses when the number was given to another process of this user
}

function readPid(pidFile: string): number | null {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

/** A server stands in its data folder; a mere number in a file proves nothing. */
function isServerOf(cluster: string, pid: number): boolean {
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(cluster);
    } catch {
      return false;
    }
  }
  const ps = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.status === 0 && ps.stdout.includes('postgres') && ps.stdout.includes(cluster);
}

/** Fast shutdown, then immediate (replayed from the log at the next start), then the axe. True when it is gone. */
export async function stopProcess(pid: number): Promise<boolean> {
  const steps: [NodeJS.Signals, number][] = [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 2_000],
  ];
  for (const [signal, patienceMs] of steps) {
    if (!sendSignal(pid, signal)) return true;
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (!isAlive(pid)) return true;
      await sleep(20);
    }
  }
  return !isAlive(pid);
}

function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw new CannotStartError(`Process ${pid} cannot be stopped by this user: ${(error as Error).message}`);
  }
}

/** A zombie (its parent has not yet taken note) runs nothing any more. */
function isAlive(pid: number): boolean {
  if (!sendSignal(pid, 0)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
