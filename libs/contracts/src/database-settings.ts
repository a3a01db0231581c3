/**
 * What libs/entities must know to open the database. An abstract class so that it can be injected; libs/platform fills it from
 * the environment.
 */
export abstract class DatabaseSettings {
  /** `postgres://user:password@host:port/database`. Holds a secret. */
  abstract readonly url: string;
  /** Connections of one process. */
  abstract readonly poolSize: number;
  /** A statement that runs longer is cancelled by the server. */
  abstract readonly statementTimeoutMs: number;
  /** A statement that waits longer for a lock is cancelled by the server. */
  abstract readonly lockTimeoutMs: number;
  /** A transaction that sits idle longer is ended by the server: it would hold back vacuum. */
  abstract readonly idleInTransactionTimeoutMs: number;
  /** Shown in pg_stat_activity. */
  abstract readonly applicationName: string;
}
