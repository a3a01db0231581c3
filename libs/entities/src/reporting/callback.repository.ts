import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Client apps, or the operator's webhook of the IM door. */
export type CallbackReceiver = 'apps' | 'im';

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
   * Takes due callbacks, those to client apps or those to the webhook of the IM door, for `leaseS` seconds; if this process dies they are due
   * again after that.
   */
  claim(to: CallbackReceiver, leaseToken: string, limit: number, leaseS: number): Promise<DueCallback[]> {
    return this.database.query<DueCallback>(
      `WITH due AS MATERIALIZED (
         SELECT id FROM callback WHERE app_id ${to === 'im' ? '=' : '<>'} '' AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE callback SET lease_token = $1, due_at = now() + make_interval(secs => $3)
        WHERE id = ANY(ARRAY(SELECT id FROM due))
       RETURNING id, webhook_id, app_id, url, type, items, body, attempts, lease_token`,
      [leaseToken, limit, leaseS],
    );
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
              CASE WHEN previous_webhook_secret_until > now() THEN previous_webhook_secret END AS previous
         FROM client_app WHERE app_id = $1`,
      [appId],
    );
    return row ? [row.current, ...(row.previous ? [row.previous] : [])] : [];
  }
}
