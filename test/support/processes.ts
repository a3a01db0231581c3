import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type AppName = 'gateway' | 'dispatcher' | 'channel-worker' | 'im-sync' | 'reporting' | 'standalone';

export interface AppOptions {
  /** Added to PATH and what Node needs; nothing else of this process's environment is passed on. */
  env: Record<string, string>;
  /** Where /health/ready answers; also given as HEALTH_PORT unless `env` says otherwise. Default: any free port. */
  healthPort?: number;
  /** Default 30 s. */
  readyTimeoutMs?: number;
  /** File descriptor to write its standard output to, instead of keeping it. */
  stdout?: number;
}

export interface RunningApp {
  readonly name: AppName;
  readonly pid: number;
  readonly healthPort: number;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Settles when the process has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends itself with SIGKILL at this failpoint, from now on. */
  armFailpoint(name: string): Promise<void>;
  /** Sends the signal (default SIGTERM) and waits for the end; after `patienceMs` (default 35 s) it throws. */
  kill(signal?: NodeJS.Signals, patienceMs?: number): ReturnType<typeof waitForEnd>;
}

const ROOT = resolve(import.meta.dirname, '../..');
const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts an app from dist (`npm test` builds it) and waits until it is ready. Throws with its output when it ends first. */
export async function startApp(name: AppName, options: AppOptions): Promise<RunningApp> {
  const healthPort = options.healthPort ?? (await freePort());
  // Without source maps, which are a fifth of a start: suites of crashes start a process dozens of times.
  const child = spawn(process.execPath, [`dist/bundle/${name}.js`], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      HEALTH_PORT: String(healthPort),
      IM_WS_PORT: '0',
      FAILPOINTS: 'from-parent',
      ...options.env,
    },
    stdio: ['ignore', options.stdout ?? 'pipe', 'pipe', 'ipc'],
  });
  const { pid } = child;
  running.add(child);
  const ended = waitForEnd(child);
  void ended.then(() => running.delete(child));
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const output = (): string => Buffer.concat(chunks).toString();
  if (pid === undefined) throw new Error(`${name} cannot be started`);
  const app: RunningApp = {
    name,
    pid,
    healthPort,
    output,
    ended,
    armFailpoint: (point) => armFailpoint(child, point),
    kill: (signal, ms) => end(child, ended, signal, ms),
  };
  await untilReady(app, child, options.readyTimeoutMs ?? 30_000, 'FAILPOINTS' in options.env);
  return app;
}

/** Answers when the process has said that it holds. */
async function armFailpoint(child: ChildProcess, name: string): Promise<void> {
  const armed = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', () => reject(new Error(`process ${child.pid} ended before its failpoint ${name} was set`)));
  });
  child.send({ failpoints: `${name}:1:1` });
  await armed;
}

/** @param mayEnd at a failpoint it was started with, maybe before anybody has seen that it was ready */
async function untilReady(app: RunningApp, child: ChildProcess, timeoutMs: number, mayEnd: boolean): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady(app.healthPort))) {
    if (mayEnd && child.signalCode === 'SIGKILL') return;
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || Date.now() > deadline) {
      child.kill('SIGKILL');
      await app.ended;
      const what = hasEnded ? `ended (${child.exitCode ?? child.signalCode})` : `was not ready after ${timeoutMs} ms`;
      throw new Error(`${app.name} ${what}; it wrote:\n${app.output().slice(-4000)}`);
    }
    await sleep(50);
  }
}

/** Readiness of any app of the suite, as its own health endpoint tells it. */
export async function isReady(healthPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function waitForEnd(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((settle) => {
    child.once('error', () => settle({ code: null, signal: null }));
    child.once('close', (code, signal) => settle({ code, signal }));
  });
}

async function end(
  child: ChildProcess,
  ended: ReturnType<typeof waitForEnd>,
  signal: NodeJS.Signals = 'SIGTERM',
  patienceMs = 35_000,
): ReturnType<typeof waitForEnd> {
  child.kill(signal);
  const patience = new AbortController();
  const late = sleep(patienceMs, 'late' as const, { signal: patience.signal });
  const first = await Promise.race([ended, late.catch(() => 'late' as const)]);
  patience.abort();
  if (first !== 'late') return first;
  child.kill('SIGKILL');
  await ended;
  throw new Error(`process ${child.pid} did not end within ${patienceMs} ms of ${signal}`);
}

/** A port nobody listens on at this moment, on loopback. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready, fail) => probe.once('error', fail).listen(0, '127.0.0.1', () => ready()));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
