import type { Socket } from 'node:net';
import pg from 'pg';
import { DatabaseAwayError, isDatabaseAway } from './database-away.error.js';

/** Beyond the time after which the server gives a statement up: for its word of that to come. */
const slackMs = (statementTimeoutMs: number): number => 1_000 + statementTimeoutMs / 4;

/**
 * A session whose link is dead or whose server stands still says nothing, and TCP asks for a quarter of an hour before it
 * says so. So one that owes an answer and sends nothing, longer than a statement may take, is ended by us: whoever waits for
 * it is told, and the pool opens another.
 */
export class WatchedClient extends pg.Client {
  readonly #silenceMs: number;

  constructor(config: pg.ClientConfig) {
    super(config);
    const limitMs = Number(config.statement_timeout || 0);
    this.#silenceMs = limitMs > 0 ? limitMs + slackMs(limitMs) : 0;
    this.once('connect', () => {
      const { socket } = this;
      socket.on('timeout', () => socket.destroy(silence()));
      this.on('drain', () => socket.setTimeout(0));
    });
  }

  override query(...asked: unknown[]): never {
    this.socket.setTimeout(this.#silenceMs);
    return (super.query as (...args: unknown[]) => never).apply(this, asked);
  }

  /** Another one before and after TLS is agreed on. */
  private get socket(): Socket {
    return this.connection.stream as Socket;
  }
}

const silence = (): Error => Object.assign(new Error('the database did not answer in time'), { code: 'ETIMEDOUT' });

const lost = new WeakSet<pg.ClientBase>();

/** The statement under way or the next one fails by itself, and the pool throws such a client away. */
export const leaveToPool = (): void => undefined;

/** The server's answer. @throws DatabaseAwayError where it gave none, or cannot give one now; else what it said */
export async function answerOf<R extends object>(
  client: pg.PoolClient,
  statement: string | pg.QueryConfig,
): Promise<pg.QueryResult<R>> {
  try {
    return await called<R>(client, statement);
  } catch (error) {
    if (lost.has(client) || isDatabaseAway(error)) throw new DatabaseAwayError(error);
    // Its own begins where the bytes came in: this one names who asked.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

/** By callback: beside each promise that pg makes itself a query and its rows outlive their use, and are copied by the collector. */
const called = <R extends object>(
  client: pg.PoolClient,
  statement: string | pg.QueryConfig,
): Promise<pg.QueryResult<R>> =>
  new Promise((resolve, reject) => {
    const done = (error: Error | undefined, result: pg.QueryResult<R>): void =>
      error ? reject(error) : resolve(result);
    client.query<R>(statement as pg.QueryConfig, done);
  });

/**
 * A session that is ended between two statements says so by an event, which unheard ends the process. The pool listens to
 * idle clients only, and gives a client away before whoever asked for it can listen. What a lost session says to those who
 * wait for it has no code: that it is lost is known by the event, which comes first.
 */
export function watchSessions(pool: pg.Pool): void {
  const known = new WeakSet<pg.ClientBase>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    client.on('error', () => lost.add(client));
  });
  tellWhyNoneIsFree(pool);
}

type Connected = (error: Error | undefined, client?: pg.PoolClient, release?: pg.PoolClient['release']) => void;

/** That no connection is to be had (none is free, none can be opened) has no code either. */
function tellWhyNoneIsFree(pool: pg.Pool): void {
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  const told = (): Promise<pg.PoolClient> =>
    connect().catch((error: unknown) => {
      throw new DatabaseAwayError(error);
    });
  pool.connect = ((done?: Connected) => {
    if (!done) return told();
    told().then((client) => done(undefined, client, client.release), done);
    return undefined;
  }) as typeof pool.connect;
}
