import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { DatabaseAwayError, FinishWorkRepository } from '#entities';
import { AppLogger } from '#platform';
import { DeliverWorkService } from '../../../apps/channel-worker/src/delivery/deliver-work.service.js';
import { coreSteps, handedOver, only, type CoreSteps } from '../../support/core-steps.js';

const BATCHES = 4;
const PEOPLE = 5;

let mc: CoreSteps;
let server: Client;
beforeAll(async () => {
  mc = await coreSteps({ DATABASE_LOCK_TIMEOUT_MS: '500' });
  await mc.addApp('app');
  for (let n = 0; n < PEOPLE; n++) await mc.addUser(`u${n}`, { sms: `1380000000${n}`, mail: `u${n}@example.com` });
  server = new Client({ connectionString: process.env['TEST_DATABASE_URL'] ?? mc.databaseUrl });
  await server.connect();
});
afterEach(async () => {
  jest.restoreAllMocks();
  mc.provider.reset();
  await mc.fold();
  expect(await mc.violations({ atRest: true })).toEqual([]);
});
afterAll(async () => {
  await server?.end();
  await mc?.close();
});

const to = { users: Array.from({ length: PEOPLE }, (_, n) => ({ id: `u${n}` })) };
const database = (): string => new URL(mc.databaseUrl).pathname.slice(1);

/** No session of the center is left, and none comes about. */
async function goAway(): Promise<void> {
  await server.query(`ALTER DATABASE ${database()} ALLOW_CONNECTIONS false`);
  await server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [database()]);
}
const comeBack = (): Promise<unknown> => server.query(`ALTER DATABASE ${database()} ALLOW_CONNECTIONS true`);

/** Settled when an outcome was tried to be stored, and was not. */
function notSettled(): Promise<void> {
  return new Promise((resolve) => {
    jest.spyOn(mc.get(AppLogger), 'warn').mockImplementation((_, message) => {
      if (message === 'outcomes not settled, kept and tried again') resolve();
    });
  });
}

describe.each([
  ['the usual way', () => ({ class: 'ok' }) as const, 20],
  ['of which more follows', () => ({ class: 'bad_recipient', code: 'gone' }) as const, 31],
])('outcomes (%s)', (_, outcome, status) => {
  it('are kept while the database is away: every delivery was called for once', async () => {
    const messages: string[] = [];
    for (let n = 0; n < BATCHES; n++) messages.push(await mc.send({ to, ...only('sms') }));
    const ids = await handedOver(mc, 'sms');
    let calls = 0;
    let goesAway: Promise<void> | undefined;
    mc.provider.on('sms', async () => {
      if (++calls === BATCHES * PEOPLE) goesAway = goAway();
      await goesAway;
      return outcome();
    });
    const heard = notSettled();
    const working = Promise.all(ids.map((id) => mc.get(DeliverWorkService).deliver('sms', [id])));
    await Promise.race([heard, working]).finally(comeBack);
    await working;
    for (const id of messages)
      expect(await mc.deliveries(id)).toMatchObject(to.users.map(() => ({ status, attempts: 1 })));
    expect(mc.provider.sent).toHaveLength(BATCHES * PEOPLE);
    expect(await mc.rows('SELECT 1 FROM delivery_attempt WHERE is_possible_duplicate')).toEqual([]);
    expect(await mc.rows('SELECT 1 FROM work')).toEqual([]);
    await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  });

  it('whose commit was not heard of are told once more, and are no duplicate for that', async () => {
    const id = await mc.send({ to, ...only('sms') });
    mc.provider.on('sms', outcome());
    const repository = mc.get(FinishWorkRepository);
    const lost = new DatabaseAwayError(new Error('Connection terminated unexpectedly'));
    const finish = repository.finish.bind(repository);
    jest.spyOn(repository, 'finish').mockImplementationOnce(async (batches) => {
      await finish(batches);
      throw lost;
    });
    const plannedOnce = mc.database.plannedOnce.bind(mc.database);
    jest.spyOn(mc.database, 'plannedOnce').mockImplementationOnce(async (body) => {
      await plannedOnce(body);
      throw lost;
    });
    await mc.work('sms');
    expect(await mc.deliveries(id)).toMatchObject(to.users.map(() => ({ status, attempts: 1 })));
    expect(mc.provider.sent).toHaveLength(PEOPLE);
    expect(await mc.rows('SELECT 1 FROM delivery_attempt WHERE is_possible_duplicate')).toEqual([]);
    expect(await mc.rows('SELECT 1 FROM work')).toEqual([]);
    await mc.rows('UPDATE recipient_address SET suspended_at = NULL, suspended_reason = NULL');
  });
});

it('outcomes whose rows another session locks for too long are kept, too', async () => {
  const id = await mc.send({ to, ...only('sms') });
  const other = new Client({ connectionString: mc.databaseUrl });
  await other.connect();
  mc.provider.on('sms', async () => {
    await other.query('BEGIN; LOCK TABLE delivery_attempt');
    return { class: 'ok' };
  });
  const heard = notSettled();
  const working = mc.work('sms');
  await Promise.race([heard, working]).finally(() => other.end());
  await working;
  expect(await mc.deliveries(id)).toMatchObject(to.users.map(() => ({ status: 20, attempts: 1 })));
  expect(mc.provider.sent).toHaveLength(PEOPLE);
});
