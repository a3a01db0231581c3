import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FIVE_APPS } from '../support/center.js';
import type { AppName } from '../support/processes.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';
/** Enough for a start to begin; neither server is there. */
const NEEDED = {
  DATABASE_URL: `postgres://mc:canary@${NOWHERE}/mc`,
  RABBITMQ_URL: `amqp://mc:canary@${NOWHERE}`,
  MASTER_KEY: 'ab'.repeat(32),
  HEALTH_PORT: '0',
  IM_WS_PORT: '0',
};

/** Runs an app that has to end by itself; answers what it wrote to stderr, by lines. */
function refusal(app: AppName, env: Record<string, string>): Promise<{ code: number | null; lines: string[] }> {
  const child = spawn(process.execPath, ['--enable-source-maps', `dist/bundle/${app}.js`], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 40_000,
    killSignal: 'SIGKILL',
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  return new Promise((settle) => child.once('close', (code) => settle({ code, lines: words.trim().split('\n') })));
}

/** Names of the settings that a refusal lists. */
const namedBy = (lines: string[]): (string | undefined)[] =>
  lines.slice(1).map((line) => /^ {2}(\w+): /.exec(line)?.[1]);

describe('an app that is a process of its own', () => {
  it.each(FIVE_APPS)('%s names a missing RABBITMQ_URL, without which it would reach nobody', async (app) => {
    const { RABBITMQ_URL: _, ...env } = NEEDED;
    const { code, lines } = await refusal(app, env);
    expect(code).toBe(1);
    expect(namedBy(lines)).toEqual(['RABBITMQ_URL']);
  });
});
