// A lock between processes for work that several may want to do at once (install, build): the later one waits.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A holder that has not yet written who it is may be a breath away from it; after this it is dead. */
const UNSIGNED_MS = 5_000;

/**
 * Runs `work` while holding the folder `path` as a lock. The lock of a process that died is taken over.
 * @template T
 * @param {string} path folder that exists only while somebody works
 * @param {string} doing what to say while waiting for another process
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, doing, work) {
  let hasSaid = false;
  while (!tryLock(path)) {
    if (isAbandoned(path)) {
      takeAway(path);
      await sleep(20);
      continue;
    }
    if (!hasSaid) console.error(`waiting for another process that is ${doing}`);
    hasSaid = true;
    await sleep(200);
  }
  const release = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function tryLock(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(path, 'pid'), String(process.pid));
  return true;
}

function isAbandoned(path) {
  try {
    process.kill(Number(readFileSync(join(path, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    if (error.code !== 'ENOENT') return false; // EPERM: alive, another user's
  }
  return ageMs(path) > UNSIGNED_MS;
}

/** One at a time, and looking again before the hand moves: else a lock just taken over would be taken away from its new holder. */
function takeAway(path) {
  const turn = `${path}.turn`;
  try {
    mkdirSync(turn);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (ageMs(turn) > UNSIGNED_MS) rmSync(turn, { recursive: true, force: true });
    return;
  }
  try {
    if (isAbandoned(path)) rmSync(path, { recursive: true, force: true });
  } finally {
    rmSync(turn, { recursive: true, force: true });
  }
}

/** 0 where the folder is gone meanwhile. */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
