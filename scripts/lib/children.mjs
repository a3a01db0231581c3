// Helper processes that must not outlive the script, however it ends.
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts a helper in a process group of its own (Ctrl-C in the terminal does not reach it: the script decides the
 * order) that gets SIGTERM from the kernel when this process dies (Linux).
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function startBound(command, args, options) {
  const bound = ['--pdeathsig', 'TERM', '--'];
  const canBind = process.platform === 'linux' && spawnSync('setpriv', [...bound, 'true']).status === 0;
  const [program, line] = canBind ? ['setpriv', [...bound, command, ...args]] : [command, args];
  return spawn(program, line, { ...options, detached: true });
}

export const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

/**
 * SIGTERM, patience, then SIGKILL for the whole group. True when it ended by itself.
 * @param {import('node:child_process').ChildProcess} child started by `startBound`
 */
export async function stopBound(child, patienceMs) {
  if (!hasEnded(child)) child.kill('SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (!hasEnded(child) && Date.now() < deadline) await sleep(20);
  if (hasEnded(child)) return true;
  killGroup(child.pid);
  while (!hasEnded(child)) await sleep(20);
  return false;
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
