import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { WorkRepository, type Database } from '#entities';
import { testDatabase, type TestDatabase } from '../../support/database.js';

const PARKED = 50_000;

let store: TestDatabase;
let client: Client;
beforeAll(async () => {
  store = await testDatabase();
  client = new Client({ connectionString: store.url, options: '-c enable_seqscan=off' });
  await client.connect();
  await addWork('mail', 'a', 1, '1 day', PARKED);
});
afterAll(async () => {
  await client?.end();
  await store?.drop();
});

async function addWork(channel: string, appId: string, priority: number, dueIn: string, rows = 1): Promise<void> {
  await client.query(
    `INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at)
     SELECT 'deliver', gen_random_uuid(), $2, $1, $3, '{0}', now() + $4::interval + n * interval '1 millisecond' FROM generate_series(1, $5) n`,
    [channel, appId, priority, dueIn, rows],
  );
}

/** Of what the repository asks: the answer, and how many pages the server looks at for it. */
async function look<T>(ask: (work: WorkRepository) => Promise<T>): Promise<{ answer: T; pages: number }> {
  let pages = 0;
  const database = {
    async query(text: string) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
      );
      const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {};
      pages += (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
      return (await client.query<object>(text)).rows;
    },
  } as unknown as Database;
  const answer = await ask(new WorkRepository(database));
  return { answer, pages };
}
const due = (work: WorkRepository): Promise<string[]> => work.dueChannels();
const ages = (work: WorkRepository): Promise<Map<string, number>> => work.queueAges();

describe('work that is due', () => {
  it('is found without a look at all that waits for a later time', async () => {
    for (const ask of [due, ages]) expect((await look<unknown>(ask)).pages).toBeLessThan(60);
    expect(await look(due)).toMatchObject({ answer: [] });
    expect(await look(ages)).toMatchObject({ answer: new Map() });
  });

  it('is as old as the oldest of its channel, whatever its app and priority', async () => {
    await addWork('mail', 'a', 0, '-1 minute');
    await addWork('mail', 'a', 2, '-5 minutes');
    await addWork('mail', 'b', 1, '-20 minutes');
    await addWork('mail', 'c', 1, '-10 minutes');
    await addWork('sms', 'a', 1, '1 minute');
    await addWork('sms', 'b', 2, '-2 minutes');
    await addWork('wecom', 'a', 1, '1 minute');
    const minutes = [...(await look(ages)).answer].map(([channel, seconds]) => [channel, Math.round(seconds / 60)]);
    expect(minutes.sort()).toEqual([
      ['mail', 20],
      ['sms', 2],
    ]);
    expect((await look(due)).answer.sort()).toEqual(['mail', 'sms']);
  });
});
