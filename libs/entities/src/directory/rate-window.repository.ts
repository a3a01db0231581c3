import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Counts calls of a subject in fixed windows, shared by all replicas. The table is unlogged: a crash forgives. */
@Injectable()
export class RateWindowRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes up to `wanted` calls of the subject's current window. Answers how many were granted (0 = over the limit) and
   * the ms until the window ends.
   */
  async lease(
    subject: string,
    limit: number,
    windowS: number,
    wanted: number,
  ): Promise<{ granted: number; endsInMs: number }> {
    const [row] = await this.database.query<{ before: number; ends_ms: number }>(
      `INSERT INTO rate_window AS r (subject, window_start, used)
       VALUES ($1, to_timestamp(floor(extract(epoch FROM now()) / $2) * $2), $3)
       ON CONFLICT (subject) DO UPDATE
         SET used = CASE WHEN r.window_start = excluded.window_start THEN r.used + $3 ELSE $3 END,
             window_start = excluded.window_start
       RETURNING used - $3 AS before, (extract(epoch FROM window_start) + $2 - extract(epoch FROM now()))::float8 * 1000 AS ends_ms`,
      [subject, windowS, wanted],
      'lease_rate',
    );
    const left = limit - (row?.before ?? 0);
    return { granted: Math.max(0, Math.min(wanted, left)), endsInMs: Math.max(0, row?.ends_ms ?? 0) };
  }
}
