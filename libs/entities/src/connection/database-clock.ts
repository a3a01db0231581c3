import { Injectable, type OnModuleInit } from '@nestjs/common';
import { performance } from 'node:perf_hooks';
import { Database } from './database.js';

/** How long a measured offset is trusted, ms. */
const MEASURE_AGAIN_AFTER_MS = 60_000;

/**
 * The database's clock, so that N replicas with N wall clocks agree on ids and expiry. Between measurements it runs on
 * this process's monotonic clock: a wall clock that jumps changes nothing.
 */
@Injectable()
export class DatabaseClock implements OnModuleInit {
  private offsetMs = 0;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private measuring: Promise<void> | undefined;

  constructor(private readonly database: Database) {}

  onModuleInit(): Promise<void> {
    return this.measure();
  }

  /** Epoch ms by the database's clock. */
  nowMs(): number {
    if (performance.now() - this.measuredAt > MEASURE_AGAIN_AFTER_MS && !this.measuring) {
      this.measuring = this.measure()
        .catch(() => undefined) // the old offset stays good enough until the database answers again
        .finally(() => (this.measuring = undefined));
    }
    return performance.now() + this.offsetMs;
  }

  /** Asks the database for its time; the error is at most half a round trip. */
  async measure(): Promise<void> {
    const before = performance.now();
    const [row] = await this.database.query<{ ms: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
    );
    const after = performance.now();
    if (!row) throw new Error('the database did not tell its time');
    this.offsetMs = row.ms - (before + after) / 2;
    this.measuredAt = after;
  }
}
