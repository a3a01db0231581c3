// Programs under test, each in a process of its own that ends with the bench.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, startBound, stopBound } from '../../scripts/lib/children.mjs';
import { ROOT } from '../../scripts/lib/project.mjs';

const READY_TIMEOUT_MS = 60_000;
const PATIENCE_MS = 35_000;

/** @typedef {{ name: string, pid: number, startMs: number, rss(): number, stop(): Promise<void> }} Running */

/**
 * One app of the suite from dist/. Answers when /health/ready does.
 * @param {string[]} [nodeArgs] e.g. --cpu-prof
 * @returns {Promise<Running>}
 */
export async function startApp(name, env, nodeArgs = profiling(name)) {
  const [healthPort] = await freePorts(1);
  const startedAt = performance.now();
  const child = launch(nodeArgs, join(ROOT, `dist/bundle/${name}.js`), {
    ...env,
    HEALTH_PORT: String(healthPort),
  });
  await until(child, name, () => isReady(healthPort));
  return running(name, child, performance.now() - startedAt);
}

/**
 * A program of bench/ that talks over IPC: it sends `{ ready: … }`, then answers `{ id, ask, … }` with `{ id, … }`.
 * @returns {Promise<Running & { ready: any, ask(question: object): Promise<any> }>}
 */
export async function startProgram(path, env) {
  const startedAt = performance.now();
  const child = launch(profiling(path.split('/').at(-1)), join(ROOT, 'bench', path), env, ['ipc']);
  const waiting = new Map();
  let ready;
  child.on('message', (message) => {
    if ('ready' in message) ready = message.ready;
    else waiting.get(message.id)?.(message);
  });
  await until(child, path, () => ready !== undefined);
  child.once('exit', () => {
    for (const answer of waiting.values()) answer({ error: `${path} ended:\n${child.words()}` });
  });
  let id = 0;
  const ask = (question) =>
    new Promise((resolve, reject) => {
      waiting.set(++id, (answer) => {
        waiting.delete(answer.id);
        if (answer.error) reject(new Error(answer.error));
        else resolve(answer);
      });
      child.send({ id, ...question });
    });
  return { ...running(path, child, performance.now() - startedAt), ready, ask };
}

/** BENCH_PROFILE=<folder>: V8 profiles of everything that runs, for `node --cpu-prof` readers. */
function profiling(name) {
  const folder = process.env.BENCH_PROFILE;
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`] : [];
}

function launch(nodeArgs, file, env, extra = []) {
  const { PATH, HOME } = process.env;
  const child = startBound(process.execPath, [...nodeArgs, file], {
    cwd: ROOT,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...extra],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (words = (words + chunk).slice(-4000)));
  child.words = () => words;
  child.once('error', (error) => (words += error.message));
  return child;
}

function running(name, child, startMs) {
  return {
    name,
    pid: child.pid,
    startMs,
    rss: () => residentMiB(child.pid),
    async stop() {
      if (!(await stopBound(child, PATIENCE_MS))) console.error(`${name} had to be killed:\n${child.words()}`);
    },
  };
}

async function until(child, name, isTrue) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isTrue())) {
    if (hasEnded(child) || Date.now() > deadline) {
      await stopBound(child, 1_000);
      throw new Error(`${name} did not become ready:\n${child.words()}`);
    }
    await sleep(10);
  }
}

async function isReady(port) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Resident memory, MiB; of Linux only. */
function residentMiB(pid) {
  try {
    const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib ? Math.round(Number(kib) / 1024) : NaN;
  } catch {
    return NaN;
  }
}

/** Ports nobody listens on at this moment, on loopback. */
export async function freePorts(count) {
  const probes = await Promise.all(
    Array.from({ length: count }, async () => {
      const probe = createServer();
      await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
      return probe;
    }),
  );
  const ports = probes.map((probe) => probe.address().port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
