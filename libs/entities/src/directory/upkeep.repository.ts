import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Tables whose rows are of no use after a while, with what makes them stale. */
const STALE: Readonly<Record<string, string>> = {
  idempotency_key: `created_at < now() - interval '24 hours'`,
  provider_ref: `created_at < now() - interval '7 days'`,
  receipt: `due_at < now() - interval '7 days'`,
};

/** Removes what has served its time, a bounded number of rows at a time. */
@Injectable()
export class UpkeepRepository {
  constructor(private readonly database: Database) {}

  async dropStale(limitPerTable: number): Promise<void> {
    for (const [table, isStale] of Object.entries(STALE)) {
      await this.database.query(
        `DELETE FROM "${table}" WHERE ctid = ANY(ARRAY(SELECT ctid FROM "${table}" WHERE ${isStale} LIMIT $1))`,
        [limitPerTable],
      );
    }
  }
}
