import { Injectable } from '@nestjs/common';
import { RELAY_LIMITS } from '#contracts';
import { Database } from '../connection/database.js';
import { hasExpired } from './relay-calls.js';

interface Expiry {
  table: string;
  /** SQL, by an index: worth a look. */
  isDue: string;
  /** SQL: no call of the door can see it any more. Rows that are due and not stale are looked at again a period later. */
  isStale: string;
}

const EXPIRIES: readonly Expiry[] = [
  { table: 'relay_message', isDue: hasExpired('sent_at'), isStale: 'true' },
  {
    table: 'relay_pull',
    isDue: `pulled_at <= now() - interval '${RELAY_LIMITS.againMinutes} minutes'`,
    isStale: 'true',
  },
  { table: 'relay_contact', isDue: hasExpired('looked_at'), isStale: hasExpired('sent_at') },
  {
    table: 'relay_quota',
    isDue: `looked_at <= now() - interval '1 day'`,
    // Made again when it is needed: only times that still count have to stay.
    isStale: `NOT (clock_timestamp() - interval '${RELAY_LIMITS.windowMinutes} minutes' < ANY(sent_at))`,
  },
];

/** Removes what has expired, a bounded number of rows at a time; replicas that do it at once pass each other by. */
@Injectable()
export class RelayUpkeepRepository {
  constructor(private readonly database: Database) {}

  /** How many rows were looked at, by table. */
  async dropStale(limitPerTable: number): Promise<Map<string, number>> {
    const looked = new Map<string, number>();
    for (const { table, isDue, isStale } of EXPIRIES) {
      const again =
        isStale === 'true'
          ? ''
          : `, again AS (
           UPDATE ${table} SET looked_at = now() WHERE ctid = ANY(ARRAY(SELECT place FROM due WHERE NOT is_stale)))`;
      const [row] = await this.database.query<{ n: number }>(
        `WITH due AS MATERIALIZED (
           SELECT ctid AS place, ${isStale} AS is_stale FROM ${table} WHERE ${isDue} LIMIT $1 FOR UPDATE SKIP LOCKED),
         gone AS (DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT place FROM due WHERE is_stale)))${again}
         SELECT count(*)::int AS n FROM due`,
        [limitPerTable],
      );
      looked.set(table, row?.n ?? 0);
    }
    return looked;
  }
}
