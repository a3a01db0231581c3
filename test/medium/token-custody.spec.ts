import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Database, ProviderTokenRepository } from '#entities';
import { SecretBox } from '#platform';
import { SharedTokenCustody, TokenRefusedError, type FetchToken, type Outcome } from '#providers';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { emptying } from '../support/emptying.js';

/** A process: a pool and a memory of its own. */
interface Worker {
  database: Database;
  custody: SharedTokenCustody;
  errors: unknown[];
  source: DataSource;
}

const KEY = 'wecom:digest';
const WORKERS = 8;
const masterKey = randomBytes(32);
let store: TestDatabase;
let workers: Worker[] = [];
let fetches = 0;

beforeAll(async () => {
  store = await testDatabase();
});
afterEach(async () => {
  const [worker] = workers;
  await worker?.database.query(emptying('provider_token'));
  await Promise.all(workers.map(({ source }) => source.destroy()));
  workers = [];
  fetches = 0;
});
afterAll(() => store.drop());

async function start(
  count: number,
  { poolSize = 3, key = masterKey }: { poolSize?: number; key?: Buffer } = {},
): Promise<Worker[]> {
  const started = await Promise.all(
    Array.from({ length: count }, async (): Promise<Worker> => {
      const source = new DataSource({ type: 'postgres', url: store.url, poolSize });
      await source.initialize();
      const database = new Database(source);
      const errors: unknown[] = [];
      const tokens = new ProviderTokenRepository(database);
      const custody = new SharedTokenCustody(tokens, new SecretBox(key), (error) => errors.push(error));
      return { database, custody, errors, source };
    }),
  );
  workers.push(...started);
  return started;
}

async function one(options?: { poolSize?: number; key?: Buffer }): Promise<Worker> {
  const [worker] = await start(1, options);
  if (!worker) throw new Error('no worker');
  return worker;
}

/** A vendor whose token calls take a while and give a new token each. */
const vendor: FetchToken = async () => {
  const token = `token-${++fetches}`;
  await sleep(30);
  return { token, expiresInS: 7200 };
};

const refusing =
  (outcome: Outcome): FetchToken =>
  async () => {
    fetches++;
    await sleep(5);
    throw new TokenRefusedError(outcome);
  };

const outcomeOf = (asking: Promise<unknown>): Promise<Outcome | 'a token'> =>
  asking.then(
    () => 'a token',
    (error: unknown) => {
      if (error instanceof TokenRefusedError) return error.outcome;
      throw error;
    },
  );

/** The token has had its life of `lifeS`, all but `leftS`. */
const expireIn = (worker: Worker, leftS: number, lifeS = 7200): Promise<unknown> =>
  worker.database.query(
    `UPDATE provider_token
        SET expires_at = now() + make_interval(secs => $1), fetched_at = now() + make_interval(secs => $1 - $2)`,
    [leftS, lifeS],
  );

describe('a token that all need', () => {
  it('is fetched once by eight workers that hammer an expired one', async () => {
    const [first, ...others] = await start(WORKERS);
    await first?.custody.current(KEY, vendor);
    if (first) await expireIn(first, -1);
    const fresh = [...others, await one()];
    const tokens = await Promise.all(
      fresh.flatMap(({ custody }) => Array.from({ length: 25 }, () => custody.current(KEY, vendor))),
    );
    expect(new Set(tokens)).toEqual(new Set(['token-2']));
    expect(fetches).toBe(2);
  });

  it('is kept in memory: a worker that has it asks the database no more', async () => {
    const worker = await one();
    await worker.custody.current(KEY, vendor);
    await worker.database.query(emptying('provider_token'));
    await expect(worker.custody.current(KEY, vendor)).resolves.toBe('token-1');
  });

  it('is sealed where it is stored', async () => {
    const worker = await one();
    await worker.custody.current(KEY, vendor);
    const [row] = await worker.database.query<{ token: Buffer }>('SELECT token FROM provider_token');
    expect(row?.token.includes('token-1')).toBe(false);
    expect(new SecretBox(masterKey).open(row?.token ?? Buffer.alloc(0), `provider_token:${KEY}`)).toBe('token-1');
  });

  it('is fetched anew where the master key that sealed it is gone', async () => {
    await (await one()).custody.current(KEY, vendor);
    const other = await one({ key: randomBytes(32) });
    await expect(other.custody.current(KEY, vendor)).resolves.toBe('token-2');
  });

  it('holds one connection of the pool while many wait for the vendor', async () => {
    const worker = await one({ poolSize: 2 });
    let give = (): void => undefined;
    const held = new Promise<void>((resolve) => (give = resolve));
    const slow: FetchToken = async () => {
      await held;
      return { token: 'late', expiresInS: 7200 };
    };
    const asked = Array.from({ length: 20 }, () => worker.custody.current(KEY, slow));
    await expect(worker.database.query('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
    give();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['late']));
  });
});

describe('a token near its end', () => {
  it('is renewed five minutes before, by one worker, and the others use it meanwhile', async () => {
    const first = await one();
    await first.custody.current(KEY, vendor);
    await expireIn(first, 299);
    const [renewing, other] = await start(2);
    let give = (): void => undefined;
    const isAsked = new Promise<void>((asked) => {
      const slow: FetchToken = () =>
        new Promise((resolve) => {
          give = () => resolve({ token: 'renewed', expiresInS: 7200 });
          asked();
        });
      void renewing?.custody.current(KEY, slow);
    });
    await isAsked;
    await expect(other?.custody.current(KEY, vendor)).resolves.toBe('token-1');
    give();
    await expect(renewing?.custody.current(KEY, vendor)).resolves.toBe('renewed');
    expect(fetches).toBe(1);
  });

  it('goes on being used where the vendor gives no new one', async () => {
    const first = await one();
    await first.custody.current(KEY, vendor);
    await expireIn(first, 299);
    const other = await one();
    const down = refusing({ class: 'retry', code: 'http_503' });
    for (let i = 0; i < 3; i++) await expect(other.custody.current(KEY, down)).resolves.toBe('token-1');
    await expect((await one()).custody.current(KEY, down)).resolves.toBe('token-1');
    expect(fetches).toBe(2);
  });

  it('of a short life is used for nine tenths of it', async () => {
    const worker = await one();
    const short: FetchToken = () => Promise.resolve({ token: `short-${++fetches}`, expiresInS: 60 });
    await worker.custody.current(KEY, short);
    await expireIn(worker, 20, 60);
    await expect((await one()).custody.current(KEY, short)).resolves.toBe('short-1');
    await expireIn(worker, 5, 60);
    await expect((await one()).custody.current(KEY, short)).resolves.toBe('short-2');
  });
});

describe('a token that the vendor refuses', () => {
  it('is replaced once, however many bring it back', async () => {
    const all = await start(WORKERS);
    await Promise.all(all.map(({ custody }) => custody.current(KEY, vendor)));
    const tokens = await Promise.all(
      all.flatMap(({ custody }) => Array.from({ length: 25 }, () => custody.replace(KEY, 'token-1', vendor))),
    );
    expect(new Set(tokens)).toEqual(new Set(['token-2']));
    expect(fetches).toBe(2);
  });

  it('is not fetched where another worker has a newer one already', async () => {
    const [first, second] = await start(2);
    await Promise.all([first?.custody.current(KEY, vendor), second?.custody.current(KEY, vendor)]);
    await first?.custody.replace(KEY, 'token-1', vendor);
    await expect(second?.custody.replace(KEY, 'token-1', vendor)).resolves.toBe('token-2');
    expect(fetches).toBe(2);
  });

  it('and given again all the same is refused for half a minute: one forced fetch a failure', async () => {
    const all = await start(2);
    const same: FetchToken = () => {
      fetches++;
      return Promise.resolve({ token: 'same', expiresInS: 7200 });
    };
    for (const { custody } of all) await custody.current(KEY, same);
    for (let i = 0; i < 20; i++) {
      for (const { custody } of all)
        await expect(outcomeOf(custody.replace(KEY, 'same', same))).resolves.toMatchObject({
          class: 'retry',
          code: 'token_refused',
        });
    }
    expect(fetches).toBe(2);
    await all[0]?.database.query(`UPDATE provider_token SET forced_at = now() - interval '31 seconds'`);
    await outcomeOf((await one()).custody.replace(KEY, 'same', same));
    expect(fetches).toBe(3);
  });

  it('and replaced by one that is refused too is not replaced again at once', async () => {
    const worker = await one();
    await worker.custody.current(KEY, vendor);
    await worker.custody.replace(KEY, 'token-1', vendor);
    await expect(outcomeOf(worker.custody.replace(KEY, 'token-2', vendor))).resolves.toMatchObject({ class: 'retry' });
    expect(fetches).toBe(2);
  });
});

describe('a refused fetch', () => {
  it('is remembered: a wrong secret hammered by fifty calls of two workers is one call', async () => {
    const all = await start(2);
    const wrong = refusing({ class: 'bad_config', code: '40001', words: 'invalid credential' });
    const outcomes = await Promise.all(
      all.flatMap(({ custody }) => Array.from({ length: 25 }, () => outcomeOf(custody.current(KEY, wrong)))),
    );
    for (const outcome of outcomes)
      expect(outcome).toEqual({ class: 'bad_config', code: '40001', words: 'invalid credential' });
    expect(fetches).toBe(1);
    await expect(outcomeOf((await one()).custody.current(KEY, wrong))).resolves.toMatchObject({ class: 'bad_config' });
    expect(fetches).toBe(1);
  });

  it('of the kind that passes is asked again after half a minute, and says so', async () => {
    await outcomeOf((await one()).custody.current(KEY, refusing({ class: 'retry', code: 'http_503' })));
    const other = await one();
    const outcome = await outcomeOf(other.custody.current(KEY, vendor));
    expect(outcome).toMatchObject({ class: 'retry', code: 'http_503' });
    expect((outcome as Outcome).retryAfterMs).toBeGreaterThan(20_000);
    expect((outcome as Outcome).retryAfterMs).toBeLessThanOrEqual(30_000);
    await other.database.query(`UPDATE provider_token SET refused_until = now() - interval '1 second'`);
    await expect((await one()).custody.current(KEY, vendor)).resolves.toBe('token-2');
  });

  it('does not concern the key of corrected credentials', async () => {
    const worker = await one();
    await outcomeOf(worker.custody.current(KEY, refusing({ class: 'bad_config', code: '40001' })));
    await expect(worker.custody.current('wecom:digest of the right secret', vendor)).resolves.toBe('token-2');
  });

  it('is forgotten on an administrator’s word, which waits for nobody who is fetching', async () => {
    const worker = await one();
    const tokens = new ProviderTokenRepository(worker.database);
    await outcomeOf(worker.custody.current(KEY, refusing({ class: 'bad_config', code: '40164' })));
    await tokens.hold(KEY, true, () => tokens.forgetRefusals());
    await expect(outcomeOf((await one()).custody.current(KEY, vendor))).resolves.toMatchObject({ code: '40164' });
    await tokens.forgetRefusals();
    await expect((await one()).custody.current(KEY, vendor)).resolves.toBe('token-2');
  });

  it('by an adapter that throws anything else is a retry, and is reported', async () => {
    const worker = await one();
    const bug: FetchToken = () => Promise.reject(new TypeError('a bug'));
    await expect(outcomeOf(worker.custody.current(KEY, bug))).resolves.toMatchObject({ class: 'retry' });
    expect(worker.errors).toEqual([expect.any(TypeError)]);
  });
});

describe('a holder', () => {
  it('whose connection dies lets the next one go on', async () => {
    const [holder, next] = await start(2);
    const isAsked = new Promise<void>((asked) => {
      const dying: FetchToken = async () => {
        asked();
        const left = await next?.database.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'idle in transaction'`,
        );
        return { token: `lost by ${left?.length} holder`, expiresInS: 7200 };
      };
      void outcomeOf(holder?.custody.current(KEY, dying) ?? Promise.resolve());
    });
    await isAsked;
    await expect(next?.custody.current(KEY, vendor)).resolves.toBe('token-1');
    await expect(holder?.custody.current(KEY, vendor)).resolves.toBe('token-1');
    expect(holder?.errors).toHaveLength(1);
  });

  it('cannot reach the database: a retry, nothing was sent', async () => {
    const worker = await one();
    await worker.database.query('ALTER TABLE provider_token RENAME TO provider_token_gone');
    const outcome = await outcomeOf(worker.custody.current(KEY, vendor));
    await worker.database.query('ALTER TABLE provider_token_gone RENAME TO provider_token');
    expect(outcome).toMatchObject({ class: 'retry', code: 'token_unavailable' });
    expect(fetches).toBe(0);
  });
});
