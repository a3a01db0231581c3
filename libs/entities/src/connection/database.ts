import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';

/** Runs SQL: the pool itself or one transaction. Rows come as plain objects; `bigint` columns as numbers. */
export interface Sql {
  /**
   * @param name makes it a server-side prepared statement: for hot reads only. Claims are never named, because a stale
   *   generic plan of a claim once took thirty times the rows it was asked for.
   */
  query<R extends object = Record<string, unknown>>(text: string, values?: unknown[], name?: string): Promise<R[]>;
}

const INT8 = 20;
const types = {
  getTypeParser: ((oid: number, format: 'text' | 'binary') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** SQLSTATEs after which the same transaction may simply be run again. */
const RETRYABLE = new Set(['40001', '40P01']);
const MAX_TRIES = 3;

export const sqlStateOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** The value was refused (class 22, data exception, or 23, constraint): it, not the moment, is wrong. */
export const isDataError = (error: unknown): boolean => /^2[23]/.test(sqlStateOf(error) ?? '');

/** Something of this key exists already. Also reads through TypeORM's wrapper. */
export const isUniqueViolation = (error: unknown): boolean => sqlStateOf(error) === '23505';

/** `Sql` on the pool or on one connection of it. */
export function sqlOn(target: pg.Pool | pg.PoolClient): Sql {
  return {
    async query<R extends object>(text: string, values: unknown[] = [], name?: string): Promise<R[]> {
      const result = await target.query<R>({ text, values, types, ...(name ? { name } : {}) });
      return result.rows;
    },
  };
}

/** The statement under way or the next one fails by itself, and the pool throws such a client away. */
const leaveToPool = (): void => undefined;

/** The pool of TypeORM's connection, without an ORM in between: what the hot paths run on. */
@Injectable()
export class Database implements Sql {
  private readonly sql: Sql;

  constructor(private readonly dataSource: DataSource) {
    this.sql = sqlOn(this.pool);
    // A session that is ended between two statements says so by an event, which unheard ends the process. The pool
    // listens to idle clients only, and gives a client away before whoever asked for it can listen.
    this.pool.on('acquire', (client) => {
      if (!client.listeners('error').includes(leaveToPool)) client.on('error', leaveToPool);
    });
  }

  get pool(): pg.Pool {
    return (this.dataSource.driver as unknown as { master: pg.Pool }).master;
  }

  query<R extends object = Record<string, unknown>>(text: string, values?: unknown[], name?: string): Promise<R[]> {
    return this.sql.query<R>(text, values, name);
  }

  /** One transaction; run again (at most three times in all) after a deadlock or serialization failure. */
  transaction<T>(body: (tx: Sql) => Promise<T>): Promise<T> {
    return this.repeated('BEGIN', body);
  }

  /**
   * A transaction whose named statements are planned once a connection: planning the large ones takes as long as running
   * them. Only for statements that find their rows by key, whatever the values.
   */
  plannedOnce<T>(body: (tx: Sql) => Promise<T>): Promise<T> {
    return this.repeated('BEGIN; SET LOCAL plan_cache_mode = force_generic_plan', body);
  }

  /**
   * A transaction whose COMMIT does not wait for the disk. Only for what a crash of the database may forget because it is
   * then simply done again; whoever acts on it commits durably, which makes it durable first.
   */
  forgettable<T>(body: (tx: Sql) => Promise<T>): Promise<T> {
    return this.repeated('BEGIN; SET LOCAL synchronous_commit = off', body);
  }

  private async repeated<T>(begin: string, body: (tx: Sql) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(begin, body);
      } catch (error) {
        if (attempt >= MAX_TRIES || !RETRYABLE.has(sqlStateOf(error) ?? '')) throw error;
      }
    }
  }

  private async once<T>(begin: string, body: (tx: Sql) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin);
      const result = await body(sqlOn(client));
      await client.query('COMMIT');
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
}
