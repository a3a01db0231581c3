import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database, type Transaction } from '#entities';
import { gatewayApp, type GatewayApp } from '../../support/gateway-app.js';

let gateway: GatewayApp;
let database: Database;
beforeAll(async () => {
  gateway = await gatewayApp();
  ({ database } = gateway);
  await database.query('CREATE TABLE kept (n int PRIMARY KEY)');
});
afterAll(() => gateway.close());
beforeEach(() => database.query('TRUNCATE kept'));

const KEEP = 'INSERT INTO kept SELECT unnest($1::int[]) RETURNING n';
const COUNT = 'SELECT count(*)::int AS n FROM kept';
const keep = (tx: Transaction, ...numbers: number[]): Promise<object[]> => tx.query(KEEP, [numbers], 'keep');
const kept = async (): Promise<unknown[]> =>
  (await database.query<{ n: number }>('SELECT n FROM kept ORDER BY n')).map(({ n }) => n);

describe.each(['transaction', 'plannedOnce', 'forgettable'] as const)('%s', (kind) => {
  const run = <T>(body: (tx: Transaction) => Promise<T>): Promise<T> => database[kind](body);

  it('carries out in their order what was asked for together', async () => {
    const counts = await run(async (tx) => {
      const [, first, , second] = await Promise.all([keep(tx, 1), tx.query(COUNT), keep(tx, 2, 3), tx.query(COUNT)]);
      return [first, second];
    });
    expect(counts).toEqual([[{ n: 1 }], [{ n: 3 }]]);
    expect(await kept()).toEqual([1, 2, 3]);
  });

  it('is over when it has answered, with COMMIT on its way early or not', async () => {
    await run(async (tx) => {
      const asked = keep(tx, 1);
      tx.commit();
      await asked;
    });
    expect(await kept()).toEqual([1]);
  });

  it('leaves nothing of what one failed statement was asked for with, and the session is fit for the next', async () => {
    const failing = run(async (tx) => {
      // The last of them has never been prepared there and is refused unread.
      const asked = Promise.all([keep(tx, 1), keep(tx, 1), tx.query(COUNT, [], `count_${kind}`)]);
      tx.commit();
      await asked;
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await kept()).toEqual([]);
    const isFit = Array.from({ length: 12 }, () => run((tx) => tx.query(COUNT, [], `count_${kind}`)));
    expect(await Promise.all(isFit)).toEqual(isFit.map(() => [{ n: 0 }]));
  });

  it('takes nothing more after its commit', async () => {
    const late = run(async (tx) => {
      const asked = keep(tx, 1);
      tx.commit();
      await asked;
      await keep(tx, 2);
    });
    await expect(late).rejects.toThrow('committed already');
    expect(await kept()).toEqual([1]);
  });

  it('that loses its session fails, and the next one has another', async () => {
    const lost = run(async (tx) => {
      const asked = Promise.all([keep(tx, 1), tx.query('SELECT pg_terminate_backend(pg_backend_pid())'), keep(tx, 2)]);
      tx.commit();
      await asked;
    });
    await expect(lost).rejects.toThrow();
    expect(await kept()).toEqual([]);
    await run((tx) => keep(tx, 3));
    expect(await kept()).toEqual([3]);
  });
});
