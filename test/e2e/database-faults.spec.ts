import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { ALL_QUEUES, QUEUES, deadLetterQueueOf } from '#contracts';
import { runMigrations } from '#entities';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../apps/standalone/src/embedded-postgres/embedded-postgres.js';
import { eventually } from '../broker/messaging/eventually.js';
import { Center } from '../support/center.js';
import { HAS_BROKER, openVirtualHost } from '../support/e2e-broker.js';
import { outcomeOf, watchRanks } from '../support/outcome.js';
import { isReady, type AppName } from '../support/processes.js';

const USERS = 20;
const CALLERS = 4;
/** A message that is at fault is given up after five calls, some three seconds after the first. */
const PAST_THE_LADDER_MS = 4_500;

/** The whole center on a PostgreSQL of its own; five processes where there is a broker, else one. */
describe(`faults of PostgreSQL under ${HAS_BROKER ? 'five processes' : 'the standalone process (there is no RabbitMQ)'}`, () => {
  let center: Center;
  let postgres: EmbeddedPostgres;
  let dataDir: string;
  let broker: Awaited<ReturnType<typeof openVirtualHost>> | undefined;

  const startPostgres = (port: number): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir, port, durable: false, log: () => undefined });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'message-center-e2e-postgres-'));
    postgres = await startPostgres(0);
    await runMigrations(postgres.url);
    broker = HAS_BROKER ? await openVirtualHost() : undefined;
    center = await Center.open({
      database: { url: postgres.url, drop: () => Promise.resolve() },
      recipients: USERS,
      ...(broker ? { rabbitUrl: broker.url } : {}),
    });
    await watchRanks(center);
    await center.startAll();
  }, 90_000);
  afterAll(async () => {
    await center?.close();
    await broker?.drop();
    await postgres?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('every session ended, again and again: no process ends, nothing is lost', async () => {
    await underLoad(async () => {
      for (let time = 0; time < 5; time++) {
        await sleep(300); // under load: the moment is the fault
        await center.rows(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()',
        );
      }
    });
  }, 90_000);

  it('a fast restart: no process ends, calls fail in time, nothing is lost', async () => {
    const port = Number(new URL(postgres.url).port);
    await underLoad(async () => {
      await sleep(300);
      await postgres.stop();
      const startedAt = Date.now();
      const answer = await center.send(['u0']).then(
        () => 'accepted',
        () => 'refused',
      );
      expect(answer).toBe('refused');
      expect(Date.now() - startedAt).toBeLessThan(8_000);
      await eventually(
        () => isReady(center.app(center.hostOf('gateway')).healthPort),
        (ready) => !ready,
      );
      postgres = await startPostgres(port);
    });
  }, 90_000);

  // In one process no bus is between; what it holds is judged by the same rule (`messaging.conformance.ts`).
  (HAS_BROKER ? it : it.skip)(
    'an outage longer than any ladder of tries: no event of the broker is given up',
    async () => {
      const port = Number(new URL(postgres.url).port);
      const connection = await connect(broker?.url ?? '');
      const channel = await connection.createConfirmChannel();
      const depths = (queues: readonly string[]): Promise<number[]> =>
        Promise.all(queues.map(async (queue) => (await channel.checkQueue(queue)).messageCount));
      await postgres.stop();
      const id = randomUUID(); // nobody's: what an event is about does not matter while nobody can look
      const events = {
        [QUEUES.messageAccepted]: { messageIds: [id] },
        [QUEUES.deliveryRequested('webhook')]: { channel: 'webhook', workIds: [1] },
      };
      for (const [queue, event] of Object.entries(events)) {
        channel.publish('mc.events', queue, Buffer.from(JSON.stringify(event)), { persistent: true });
      }
      await channel.waitForConfirms();
      await sleep(PAST_THE_LADDER_MS);
      const waiting = (name: AppName): boolean => center.app(name).output().includes('message waits for what is away');
      expect([waiting('dispatcher'), waiting('channel-worker')]).toEqual([true, true]);
      postgres = await startPostgres(port);
      await untilAllReady();
      // What they still hold goes back into the queues, where it can be counted, and is handled by the next.
      const consumers = ['dispatcher', 'channel-worker'] as const;
      await Promise.all(consumers.map((name) => center.app(name).kill('SIGTERM')));
      expect(await depths(ALL_QUEUES.map(deadLetterQueueOf))).toEqual(ALL_QUEUES.map(() => 0));
      await Promise.all(consumers.map((name) => center.start(name)));
      await eventually(
        () => depths(Object.keys(events)),
        (all) => all.every((depth) => depth === 0),
        15_000,
      );
      await connection.close();
    },
    90_000,
  );

  /** Callers send while the fault happens; then everything must be whole again. */
  async function underLoad(fault: () => Promise<void>): Promise<void> {
    const load = { isOver: false };
    const callers = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let n = caller; !load.isOver; n += CALLERS) {
        await center.sendUntilAccepted([`u${n % USERS}`], { statusCallback: center.sink.callbackUrl });
      }
    });
    await fault();
    await untilAllReady();
    load.isOver = true;
    await Promise.all(callers);
    await center.recover();
    await center.untilDone([...center.accepted.keys()]);
    const { complaints, duplicates, flagged } = await outcomeOf(center, 2);
    expect(complaints).toEqual([]);
    expect(duplicates).toBeLessThanOrEqual(flagged);
  }

  async function untilAllReady(): Promise<void> {
    const ended: string[] = [];
    for (const app of center.apps.values()) void app.ended.then(() => ended.push(app.name));
    const notReady = (): Promise<string[]> =>
      Promise.all([...center.apps.values()].map((app) => readinessOf(app.name, app.healthPort)));
    await eventually(notReady, (all) => all.every((one) => one === ''), 30_000);
    expect(ended).toEqual([]);
  }

  /** Empty when it is ready. */
  async function readinessOf(name: AppName, healthPort: number): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/health/ready`).catch(() => null);
    return answer?.ok ? '' : `${name}: ${(await answer?.text()) ?? center.app(name).output().slice(-1000)}`;
  }
});
