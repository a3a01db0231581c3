import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseAwayError, type Transaction } from '#entities';
import { HealthRegistry } from '#platform';
import { until } from '../../support/core-app.js';
import { testDatabase, type TestDatabase } from '../../support/database.js';
import { gatewayApp, type GatewayApp } from '../../support/gateway-app.js';
import { startTcpProxy, type TcpProxy } from '../../support/rabbit.js';
import { signed } from '../psp-door.fixture.js';

const SOMEBODY = '00000000-0000-4000-8000-000000000000';
/** Of the pool in these tests, ms: the first who waits longer for a connection is told. */
const PATIENCE_MS = 300;

let store: TestDatabase;
let link: TcpProxy;
let gateway: GatewayApp;
beforeAll(async () => {
  store = await testDatabase();
  link = await startTcpProxy(store.url);
  gateway = await gatewayApp(
    { DATABASE_STATEMENT_TIMEOUT_MS: '1500', IM_AUTH: 'token', IM_MANAGER_TOKEN: 'm'.repeat(32) },
    { databaseUrl: link.url },
  );
});
afterAll(async () => {
  await gateway?.close();
  await link?.close();
  await store?.drop();
});

const isReady = async (): Promise<boolean> => (await gateway.app.get(HealthRegistry).readiness()).status === 'ready';

/** What one part of a test waits at until another opens it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

describe('a link to the database over which nothing comes any more', () => {
  it('is given up: who waits is told that the database is away, and what comes next has a new one', async () => {
    const { database } = gateway;
    const [inTransaction, frozen] = [gate(), gate()];
    const transaction = database.transaction(async (tx) => {
      await tx.query('SELECT 1');
      inTransaction.open();
      await frozen.opened;
      return Promise.all([tx.query('SELECT 1'), tx.query('SELECT 2')]);
    });
    await inTransaction.opened;
    await Promise.all([database.query('SELECT 1'), database.keyed.query('SELECT 1', [], 'one')]);
    link.freeze();
    frozen.open();
    const asked = [transaction, database.query('SELECT 1'), database.keyed.query('SELECT 1', [], 'one')];
    for (const one of await Promise.allSettled(asked)) {
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'DATABASE_AWAY', reason: 'ETIMEDOUT' },
      });
    }
    expect(await database.query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await until('the gateway is ready', isReady, (ready) => ready);
  });

  it('is left alone while no answer is due, and while answers come', async () => {
    const { database } = gateway;
    const answered = gate();
    const busy = samePid(async (tx) => {
      // Together longer than a silence may be, but each of them is answered in time.
      await Promise.all(Array.from({ length: 7 }, () => tx.query('SELECT pg_sleep(0.45)')));
      answered.open();
    });
    const idle = samePid(() => answered.opened);
    expect(await Promise.all([busy, idle])).toEqual([true, true]);

    /** True: the transaction had one session from its beginning to its end. */
    function samePid(body: (tx: Transaction) => Promise<void>): Promise<boolean> {
      return database.transaction(async (tx) => {
        const [before] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await body(tx);
        const [after] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        return before?.pid === after?.pid;
      });
    }
  });
});

it('a session that is ended is the database being away, whatever was asked for on it', async () => {
  const lost = gateway.database.transaction(async (tx) => {
    const asked = [tx.query('SELECT pg_terminate_backend(pg_backend_pid())'), tx.query('SELECT 1')];
    await Promise.allSettled(asked);
    await Promise.all(asked.reverse());
  });
  await expect(lost).rejects.toBeInstanceOf(DatabaseAwayError);
});

describe('while no connection is free', () => {
  const over = gate();
  let held: Promise<unknown>;
  beforeAll(async () => {
    const { pool } = gateway.database;
    Object.assign(pool.options, { connectionTimeoutMillis: PATIENCE_MS });
    const size = pool.options.max;
    held = Promise.all(Array.from({ length: size }, () => gateway.database.transaction(() => over.opened)));
    await until(
      'all are held',
      () => Promise.resolve(pool.totalCount - pool.idleCount),
      (n) => n === size,
    );
  });
  afterAll(async () => {
    over.open();
    await held;
  });

  it.each([
    ['native', 503, { code: 'unavailable' }, 'try again shortly'],
    ['msg', 503, { code: 50000 }, '系统繁忙'],
    ['platform', 200, { rspCode: '999999' }, '系统繁忙'],
    ['psp', 503, { ret: 'FAIL' }, '系统繁忙'],
    ['im', 503, { status: 503 }, '服务暂时不可用'],
  ] as const)('the door %s sheds load in its own form', async (door, status, body, words) => {
    const answer = await CALLS[door]();
    expect(answer).toMatchObject({ status, body, text: expect.stringContaining(words) });
  });

  it('the process is not ready', async () => {
    expect(await isReady()).toBe(false);
  });
});

const CALLS = {
  native: () => gateway.call('POST', '/v1/messages', { token: SOMEBODY, body: {} }),
  msg: () => gateway.call('POST', `/msg/send?access_token=${SOMEBODY}`, { body: {} }),
  platform: () => gateway.call('POST', '/message/sendMessageApi', { body: { token: SOMEBODY } }),
  psp: () =>
    gateway.call('POST', '/psp/push/msg', { body: {}, headers: signed({ appId: SOMEBODY, appSecret: SOMEBODY }) }),
  im: () => gateway.call('POST', '/message/send', { body: {}, headers: { token: SOMEBODY } }),
};
