import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Counts calls of a subject in fixed windows, shared by all replicas. The table is unlogged: a crash forgives. */
@Injectable()
export class RateWindowRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes up to `wanted` calls of the subject's current window. Answers how many were granted (0 = over the limit) and
   * the ms until the window ends.
   * @param offsetS windows begin so many seconds before the full multiples of their length in UTC: 28,800 = days in China
   */
  async lease(
    subject: string,
    limit: number,
    windowS: number,
    wanted: number,
    offsetS = 0,
  ): Promise<{ granted: number; endsInMs: number }> {
    const [row] = await this.database.query<{ before: number; ends_ms: number }>(
      `INSERT INTO rate_window AS r (subject, window_start, used)
       VALUES ($1, to_timestamp(floor((extract(epoch FROM now()) + $4) / $2) * $2 - $4), $3)
       ON CONFLICT (subject) DO UPDATE
         SET used = CASE WHEN r.window_start = excluded.window_start THEN r.used + $3 ELSE $3 END,
             window_start = excluded.window_start
       RETURNING used - $3 AS before, (extract(epoch FROM window_start) + $2 - extract(epoch FROM now()))::float8 * 1000 AS ends_ms`,
      [subject, windowS, wanted, offsetS],
      'lease_rate',
    );
    const left = limit - (row?.before ?? 0);
    return { granted: Math.max(0, Math.min(wanted, left)), endsInMs: Math.max(0, row?.ends_ms ?? 0) };
  }
}
