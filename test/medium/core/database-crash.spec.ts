import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runMigrations } from '#entities';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../apps/standalone/src/embedded-postgres/embedded-postgres.js';
import { coreSteps, only, type CoreSteps } from '../../support/core-steps.js';

/** Survives what ends only the server, and makes the schema in a fraction of the time. */
const MEMORY = '/dev/shm';

let dataDir: string;
let postgres: EmbeddedPostgres;
let mc: CoreSteps;
beforeAll(async () => {
  dataDir = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'message-center-crash-'));
  postgres = await start();
  await runMigrations(postgres.url);
  mc = await coreSteps({}, postgres.url);
  // Nothing that may be forgotten reaches the disk by chance before the crash.
  await mc.rows(`ALTER SYSTEM SET wal_writer_delay = '10s'`);
  await mc.rows('SELECT pg_reload_conf()');
  await mc.addApp('app');
  await mc.addUser('u1', { sms: '13800000001' });
  await mc.refresh();
}, 60_000);
afterAll(async () => {
  await mc?.close();
  await postgres?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const start = (port = 0): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir, port, durable: true, log: () => undefined });

/** All its processes end where they stand. */
async function crash(): Promise<void> {
  const port = Number(new URL(postgres.url).port);
  process.kill(postgres.pid, 'SIGQUIT');
  await postgres.lost;
  postgres = await start(port);
}

it('what is tried only once is called once, though the database crashes while the provider answers', async () => {
  mc.provider.on('sms', async () => {
    await crash();
    return { class: 'ok' };
  });
  const id = await mc.send({ to: { users: [{ id: 'u1' }] }, ...only('sms'), realTime: true });
  await mc.work('sms').catch(() => undefined); // its outcome may fail to be stored
  await mc.rows('UPDATE work SET due_at = now(), lease_token = NULL');
  mc.provider.on('sms', { class: 'ok' });
  await mc.work('sms');
  expect(mc.provider.sent).toHaveLength(1);
  expect(await mc.deliveries(id)).toMatchObject([{ is_open: false }]);
}, 60_000);
