import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

export interface DueCallback {
  id: number;
  webhook_id: string;
  /** Empty: it goes to the webhook of the IM door, which belongs to the operator. */
  app_id: string;
  url: string;
  /** What its items tell: `delivery.status`, `todo.status`; or the event of the IM door. */
  type: string;
  items: Record<string, unknown>[] | null;
  /** Sent as it stands, instead of items. */
  body: string | null;
  attempts: number;
  lease_token: string;
}

/** Callbacks: rows until their receiver has taken them. */
@Injectable()
export class CallbackRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes due callbacks for `leaseS` seconds; if this process dies they are due again after that. Of those that wait each gets
   * a share of the free places: nobody ends up with more than stay free, so that one more always finds some, whoever hangs.
   * @param underWay callbacks of each app under way here @param free places for more
   */
  claim(
    underWay: ReadonlyMap<string, number>,
    free: number,
    leaseToken: string,
    leaseS: number,
  ): Promise<DueCallback[]> {
    return this.database.query<DueCallback>(CLAIM, [
      [...underWay.keys()],
      [...underWay.values()],
      free,
      leaseToken,
      leaseS,
    ]);
  }

  async done(callback: DueCallback): Promise<void> {
    await this.database.query('DELETE FROM callback WHERE id = $1 AND lease_token = $2', [
      callback.id,
      callback.lease_token,
    ]);
  }

  async retry(callback: DueCallback, delayMs: number, code: string): Promise<void> {
    await this.database.query(
      `UPDATE callback SET attempts = attempts + 1, lease_token = NULL, last_code = $3,
              due_at = now() + $4 * interval '1 millisecond'
        WHERE id = $1 AND lease_token = $2`,
      [callback.id, callback.lease_token, code, delayMs],
    );
  }

  /** Nobody takes it: it becomes a dead letter that can be replayed. */
  async bury(callback: DueCallback, code: string): Promise<void> {
    await this.database.query(
      `WITH gone AS (DELETE FROM callback WHERE id = $1 AND lease_token = $2 RETURNING *)
       INSERT INTO dead_letter (kind, app_id, cause, message_id, payload)
       SELECT 'callback', app_id, $3, message_id,
              jsonb_strip_nulls(jsonb_build_object('url', url, 'type', type, 'items', items, 'body', body, 'webhookId', webhook_id))
         FROM gone`,
      [callback.id, callback.lease_token, code],
    );
  }

  /** Sealed webhook secrets of an app, current first. Empty when there is no such app. */
  async webhookSecretsOf(appId: string): Promise<Buffer[]> {
    const [row] = await this.database.query<{ current: Buffer; previous: Buffer | null }>(
      `SELECT webhook_secret AS current,
              CASE WHEN previous_webhook_secret_until > now() THEN nullif(previous_webhook_secret, '') END AS previous
         FROM client_app WHERE app_id = $1`,
      [appId],
    );
    return row ? [row.current, ...(row.previous ? [row.previous] : [])] : [];
  }
}

/**
 * Whose callbacks wait is found by one step through the index for each app, not by reading their rows. `share`: with n apps
 * that want more, places are left for one like them.
 */
const CLAIM = `
WITH RECURSIVE present (app_id) AS (
  SELECT min(app_id) FROM callback
  UNION ALL
  SELECT (SELECT min(c.app_id) FROM callback c WHERE c.app_id > p.app_id) FROM present p WHERE p.app_id IS NOT NULL
), waiting AS MATERIALIZED (
  SELECT p.app_id, coalesce(u.under_way, 0) AS under_way
    FROM present p
    CROSS JOIN LATERAL (
      SELECT c.due_at FROM callback c WHERE c.app_id = p.app_id AND c.due_at <= now() ORDER BY c.due_at LIMIT 1
    ) oldest
    LEFT JOIN unnest($1::text[], $2::int[]) AS u (app_id, under_way) ON u.app_id = p.app_id
   WHERE coalesce(u.under_way, 0) < $3::int
   ORDER BY 2, oldest.due_at
   LIMIT $3::int
), due AS MATERIALIZED (
  SELECT c.id
    FROM (SELECT app_id, under_way, ($3::int - under_way + count(*) OVER ()) / (count(*) OVER () + 1) AS share FROM waiting) w
    CROSS JOIN LATERAL (
      SELECT id, due_at FROM callback
       WHERE app_id = w.app_id AND due_at <= now() ORDER BY due_at LIMIT w.share FOR UPDATE SKIP LOCKED
    ) c
)
UPDATE callback SET lease_token = $4, due_at = now() + make_interval(secs => $5)
 WHERE id = ANY(ARRAY(SELECT id FROM due LIMIT $3::int))
RETURNING id, webhook_id, app_id, url, type, items, body, attempts, lease_token`;
