import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { answerOf, leaveToPool, watchSessions } from './sessions.js';
import { isVictim } from './sql-state.js';

/** SQL: makes the statement's own commit one that does not wait for the disk, as `Database.forgettable` does. */
export const FORGETTABLE = `SELECT set_config('synchronous_commit', 'off', true)`;

/** Runs SQL: the pool itself or one transaction. Rows come as plain objects; `bigint` columns as numbers. */
export interface Sql {
  /**
   * @param name makes it a server-side prepared statement: for hot statements that find their rows by key. One that takes the
   *   first rows of a queue by LIMIT is never named, because a stale generic plan of such a claim once took thirty times the
   *   rows it was asked for.
   */
  query<R extends object = Record<string, unknown>>(text: string, values?: unknown[], name?: string): Promise<R[]>;
}

/** A transaction. Statements may be asked for without waiting for the one before: they travel together, and run in that order. */
export interface Transaction extends Sql {
  /**
   * Nothing more will be asked for: COMMIT travels with what was. Where one of those fails, all of it is rolled back. The
   * body still waits for their answers.
   */
  commit(): void;
}

const INT8 = 20;
const types = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Of what lost against others. */
const MAX_TRIES = 3;

const statementOf = (text: string, values: unknown[], name: string | undefined): pg.QueryConfig => ({
  text,
  values,
  types,
  ...(name ? { name } : {}),
});

/** `Sql` on one connection. */
export function sqlOn(client: pg.PoolClient): Sql {
  return {
    async query<R extends object>(text: string, values: unknown[] = [], name?: string): Promise<R[]> {
      return (await answerOf<R>(client, statementOf(text, values, name))).rows;
    },
  };
}

/** Single statements, each on whatever connection is free. */
function sqlOnPool(pool: pg.Pool): Sql {
  return {
    async query<R extends object>(text: string, values: unknown[] = [], name?: string): Promise<R[]> {
      const client = await pool.connect();
      let failure: Error | undefined;
      try {
        return (await answerOf<R>(client, statementOf(text, values, name))).rows;
      } catch (error) {
        failure = error as Error;
        throw error;
      } finally {
        client.release(failure);
      }
    },
  };
}

/** Whoever waits for it is told. */
const leaveToBody = (): void => undefined;

/**
 * Plans are made once, and none of them may read an index or a table from end to end, however small it was at that moment:
 * what is left are probes of an index by a condition.
 */
const KEYED_OPTIONS = [
  'plan_cache_mode=force_generic_plan',
  'enable_indexscan=off',
  'enable_indexonlyscan=off',
  'enable_material=off',
]
  .map((option) => `-c ${option}`)
  .join(' ');

/** How old a plan gets: one that was made for an empty partition may choose the wrong index of it. */
const KEYED_PLANS_S = 60;

/** Part of a process's connections whose sessions plan a named statement once. */
const KEYED_PART = 0.4;

/** The pool of TypeORM's connection, without an ORM in between: what the hot paths run on. */
@Injectable()
export class Database implements Sql {
  /**
   * Single statements, each a transaction of its own, on sessions that plan a named statement once: planning the large ones
   * takes as long as running them. Only for statements that find their rows by key, whatever the values, and always named.
   * Run again after a deadlock, as transactions are.
   */
  readonly keyed: Sql;
  private readonly sql: Sql;
  private readonly keyedPool: pg.Pool;

  constructor(private readonly dataSource: DataSource) {
    this.sql = sqlOnPool(this.pool);
    watchSessions(this.pool);
    this.keyedPool = keyedPoolBeside(this.pool);
    const keyed = sqlOnPool(this.keyedPool);
    this.keyed = { query: (...statement) => repeated(() => keyed.query(...statement)) };
  }

  get pool(): pg.Pool {
    return (this.dataSource.driver as unknown as { master: pg.Pool }).master;
  }

  /** This process is ending: nothing asked from now on will be answered. */
  get isClosing(): boolean {
    return this.pool.ending || this.keyedPool.ending;
  }

  /** One statement, a transaction of its own; run again after a deadlock, as transactions are. */
  query<R extends object = Record<string, unknown>>(text: string, values?: unknown[], name?: string): Promise<R[]> {
    return repeated(() => this.sql.query<R>(text, values, name));
  }

  /** One transaction; run again (at most three times in all) after a deadlock or serialization failure. */
  transaction<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    return repeated(() => once(this.pool, 'BEGIN', body));
  }

  /**
   * A transaction whose named statements are planned once a connection: planning the large ones takes as long as running
   * them. Only for statements that find their rows by key, whatever the values.
   */
  plannedOnce<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    return repeated(() => once(this.keyedPool, 'BEGIN', body));
  }

  /**
   * A transaction whose COMMIT does not wait for the disk. Only for what a crash of the database may forget because it is
   * then simply done again; whoever acts on it commits durably, which makes it durable first.
   */
  forgettable<T>(body: (tx: Transaction) => Promise<T>): Promise<T> {
    return repeated(() => once(this.pool, 'BEGIN; SET LOCAL synchronous_commit = off', body));
  }
}

async function repeated<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= MAX_TRIES || !isVictim(error)) throw error;
    }
  }
}

async function once<T>(pool: pg.Pool, begin: string, body: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Nobody waits for what cannot fail but with the connection: it travels with the first statement.
    const begun = answerOf(client, begin);
    begun.catch(leaveToBody);
    let committed: Promise<unknown> | undefined;
    const sql = sqlOn(client);
    const commit = (): void => {
      committed = answerOf(client, 'COMMIT');
      committed.catch(leaveToBody);
    };
    const query: Sql['query'] = (...statement) =>
      committed ? Promise.reject(new Error('the transaction is committed already')) : sql.query(...statement);
    const result = await body({ query, commit });
    await begun;
    if (!committed) commit();
    await committed;
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollback: Error) => {
      broken = rollback; // the connection itself is gone: never give it back to the pool
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A second pool to the same database, out of the first one's share, that ends with it. */
function keyedPoolBeside(pool: pg.Pool): pg.Pool {
  const { options } = pool;
  const size = Math.max(1, Math.floor(options.max * KEYED_PART));
  const keyed = new pg.Pool({
    ...options,
    // Not enumerable there, so that it is in no log.
    password: options.password,
    max: size,
    maxLifetimeSeconds: KEYED_PLANS_S,
    options: `${options.options ?? ''} ${KEYED_OPTIONS}`,
  });
  options.max = Math.max(1, options.max - size);
  watchSessions(keyed);
  keyed.on('error', leaveToPool);
  const end = pool.end.bind(pool) as () => Promise<void>;
  const endBoth = (done?: (error?: Error) => void): Promise<void> | undefined => {
    const ended = keyed.end().then(end);
    if (!done) return ended;
    ended.then(() => done(), done);
    return undefined;
  };
  pool.end = endBoth as typeof pool.end;
  return keyed;
}
