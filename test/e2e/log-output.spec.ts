import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BROKEN_OUTPUTS } from '../support/broken-outputs.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { startApp } from '../support/processes.js';
import { stablePort } from '../support/stable-port.js';

let store: TestDatabase;
let dataDir: string;
let port: number;

beforeAll(async () => {
  store = await testDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'message-center-log-'));
  port = await stablePort();
});
afterAll(async () => {
  await store.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('a center that logs', () => {
  it.each(BROKEN_OUTPUTS)('%s starts, answers, and ends in order', async (_, open) => {
    const stdout = open();
    const env = { DATABASE_URL: store.url, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'trace' };
    const center = await startApp('standalone', { env, stdout });
    closeSync(stdout);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/messages`, { method: 'POST' });
    expect(answer.status).toBe(401);
    expect(await center.kill()).toEqual({ code: 0, signal: null });
  });
});
