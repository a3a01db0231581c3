import type { DatabaseSettings } from '#contracts';
import { IsInt, IsNotEmpty, Max, MaxLength, Min } from 'class-validator';
import { IsPostgresUrl } from './rules.js';
import { Setting } from './setting.js';

/** PostgreSQL 15 or newer. */
export class DatabaseConfig implements DatabaseSettings {
  @Setting('PostgreSQL to use.', { secret: true, example: 'postgres://mc:password@127.0.0.1:5432/message_center' })
  @IsPostgresUrl()
  DATABASE_URL!: string;

  @Setting('Database connections of one process.')
  @IsInt()
  @Min(2)
  @Max(200)
  DATABASE_POOL_SIZE = 10;

  @Setting('Longest run of one statement, in ms.')
  @IsInt()
  @Min(100)
  @Max(600_000)
  DATABASE_STATEMENT_TIMEOUT_MS = 30_000;

  @Setting('Longest wait of a statement for a lock, in ms.')
  @IsInt()
  @Min(10)
  @Max(600_000)
  DATABASE_LOCK_TIMEOUT_MS = 5_000;

  @Setting('Longest idle time inside a transaction, in ms.')
  @IsInt()
  @Min(100)
  @Max(600_000)
  DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

  @Setting('Name of the process in pg_stat_activity.')
  @IsNotEmpty()
  @MaxLength(63)
  DATABASE_APPLICATION_NAME = 'message-center';

  get url(): string {
    return this.DATABASE_URL;
  }
  get poolSize(): number {
    return this.DATABASE_POOL_SIZE;
  }
  get statementTimeoutMs(): number {
    return this.DATABASE_STATEMENT_TIMEOUT_MS;
  }
  get lockTimeoutMs(): number {
    return this.DATABASE_LOCK_TIMEOUT_MS;
  }
  get idleInTransactionTimeoutMs(): number {
    return this.DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS;
  }
  get applicationName(): string {
    return this.DATABASE_APPLICATION_NAME;
  }
}
