import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { ANSWER_WITHIN_H } from '../reporting/uplink.repository.js';

/** Tables whose rows are of no use after a while, with what makes them stale ($2: retention in days). */
const STALE: Readonly<Record<string, string>> = {
  access_token: 'expires_at < now()',
  signed_call: 'forget_at < now()',
  todo_card: 'expires_at < now()',
  portal_session: 'expires_at < now()',
  portal_entry: 'expires_at < now()',
  idempotency_key: `created_at < now() - interval '24 hours'`,
  provider_ref: `created_at < now() - interval '7 days'`,
  receipt: `received_at < now() - interval '7 days'`,
  device: 'deactivated_at < now() - make_interval(days => $2)',
  device_config: 'kept_at < now() - make_interval(days => $2)',
  dead_letter: 'at < now() - make_interval(days => $2)',
  uplink: 'received_at < now() - make_interval(days => $2)',
  alarm: 'cleared_at < now() - make_interval(days => $2)',
  sent_number: `sent_at < now() - interval '${ANSWER_WITHIN_H} hours'`,
  provider_token: `greatest(expires_at, refused_until) < now() - interval '7 days'`,
  recipient_window: `window_start < now() - interval '2 days'`,
  // No window is longer than a day.
  rate_window: `window_start < now() - interval '2 days'`,
  // Anybody can write these; what was done is kept for good.
  audit_log: `action = 'token.refused' AND at < now() - make_interval(days => $2)`,
  // The total of all time is kept for good.
  sms_budget: `period < now()::date - 60 AND period > '1970-01-01'`,
};

/** Removes what has served its time, a bounded number of rows at a time. */
@Injectable()
export class UpkeepRepository {
  constructor(private readonly database: Database) {}

  /** True when a table had as many stale rows as were allowed: there may be more. */
  async dropStale(limitPerTable: number, retentionDays: number): Promise<boolean> {
    let hasMore = false;
    for (const [table, isStale] of Object.entries(STALE)) {
      const rows = await this.database.query(
        `DELETE FROM "${table}" WHERE ctid = ANY(ARRAY(
           SELECT ctid FROM "${table}" WHERE ${isStale} AND $2::int > 0 LIMIT $1)) AND ${isStale} RETURNING 1`,
        [limitPerTable, retentionDays],
      );
      hasMore ||= rows.length === limitPerTable;
    }
    return hasMore;
  }
}
