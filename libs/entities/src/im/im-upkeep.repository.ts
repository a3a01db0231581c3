import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** SQL: rows of each table that no call can see any more, found by an index. */
const STALE: Readonly<Record<string, string>> = {
  im_message: 'expires_at <= now()',
  im_command: 'expires_at <= now()',
  // Whoever put it there heard long ago that nobody took it out.
  im_handover: `created_at <= now() - interval '10 minutes'`,
};

/** Removes what has expired, a bounded number of rows at a time; replicas that do it at once pass each other by. */
@Injectable()
export class ImUpkeepRepository {
  constructor(private readonly database: Database) {}

  /** How many rows went, by table. */
  async dropStale(limitPerTable: number): Promise<Map<string, number>> {
    const gone = new Map<string, number>();
    for (const [table, isStale] of Object.entries(STALE)) {
      // Places are unique within a partition only.
      const rows = await this.database.query<{ n: number }>(
        `WITH due AS MATERIALIZED (
           SELECT tableoid AS part, ctid AS place FROM ${table} WHERE ${isStale} LIMIT $1 FOR UPDATE SKIP LOCKED),
         gone AS (
           DELETE FROM ${table} t USING due WHERE t.ctid = due.place AND t.tableoid = due.part RETURNING 1)
         SELECT count(*)::int AS n FROM gone`,
        [limitPerTable],
      );
      gone.set(table, rows[0]?.n ?? 0);
    }
    return gone;
  }
}
