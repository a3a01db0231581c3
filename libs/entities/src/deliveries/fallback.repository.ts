import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, STEPS_PER_RECIPIENT } from '#contracts';
import type { Sql } from '../connection/database.js';
import { devicesOf } from '../fan-out/device-audience.sql.js';
import { wechatFollower } from '../fan-out/wechat-account.sql.js';
import { newInboxState } from '../inbox/new-inbox-state.sql.js';
import { isTodoDoneAt } from '../todos/closed-todo.sql.js';
import { defaultExpiryOf } from './default-expiry.sql.js';
import type { DeliveryKey } from './delivery-key.js';

const S = DELIVERY_STATUS;

/** A fallback that started for the delivery `(message_id, seq)`. */
export interface StartedFallback extends DeliveryKey {
  /** The new row holds the chain open (false: it was the portal, delivered at once). */
  is_open: boolean;
}

/**
 * Why a channel is given up, and the status from which on it no longer may be: a failure says nothing against a delivery
 * that is known to have arrived, a missing proof only against one whose proof is still awaited.
 */
const GIVEN_UP_BELOW = { failed: S.unknown, unproven: S.read } as const;
export type FallbackReason = keyof typeof GIVEN_UP_BELOW;

const FOLLOWED = wechatFollower({
  userId: 'd.recipient',
  appId: 'm.client_app_id',
  pinned: "m.plan->>'publicAccount'",
  only: "step.channel = 'wechat'",
});

const DEVICES = devicesOf({ userId: 'd.recipient', appId: 'm.client_app_id' });

const START = `
WITH asked AS (
  SELECT DISTINCT m, s FROM unnest($1::uuid[], $2::int[]) AS u(m, s)
), f AS MATERIALIZED (
  SELECT a.m, a.s FROM asked a JOIN delivery d ON d.message_id = a.m AND d.seq = a.s AND d.message_id BETWEEN $3 AND $4
   WHERE d.status < $5 ORDER BY d.message_id, d.seq FOR UPDATE OF d
), usable AS MATERIALIZED (
  SELECT DISTINCT ON (f.m, f.s) f.m, f.s, f.s / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT} + step.step AS seq,
         d.recipient, d.params, step.channel, CASE WHEN step.channel = 'portal' THEN d.recipient ELSE a.address END AS address, a.account,
         m.client_app_id, m.kind, m.priority, m.status_callback,
         CASE WHEN step.channel = 'portal' THEN ${S.delivered} ELSE ${S.pending} END::smallint AS status, m.expires_at
    FROM f JOIN delivery d ON d.message_id = f.m AND d.seq = f.s AND d.message_id BETWEEN $3 AND $4
    JOIN message m ON m.id = f.m AND m.id BETWEEN $3 AND $4
    JOIN message_state st ON st.message_id = f.m AND st.message_id BETWEEN $3 AND $4
    CROSS JOIN LATERAL (
      SELECT (ord - 1)::int AS step, value->>'channel' AS channel
        FROM jsonb_array_elements(m.plan->'steps') WITH ORDINALITY AS e(value, ord)
       WHERE ord - 1 > f.s % ${STEPS_PER_RECIPIENT}
    ) step
    LEFT JOIN LATERAL (
      (SELECT ra.address, NULL::text AS account, 1 AS place FROM recipient_address ra
        WHERE step.channel NOT IN ('portal', 'wechat') AND ra.user_id = d.recipient AND ra.channel = step.channel
          AND ra.app_id IN ('', m.client_app_id) AND ra.suspended_at IS NULL
        ORDER BY ra.app_id, ra.account LIMIT 1)
      UNION ALL
      (SELECT f.address, f.account, 1 FROM (${FOLLOWED}) f)
      UNION ALL
      (SELECT own.address, NULL, 0 FROM (SELECT ${DEVICES} AS address WHERE step.channel = 'push') own WHERE own.address IS NOT NULL)
      ORDER BY place LIMIT 1
    ) a ON true
   WHERE m.plan->>'mode' IN ('any', 'smart') AND d.recipient <> '' AND st.cancel_requested_at IS NULL
     AND (m.expires_at IS NULL OR m.expires_at > now())
     AND (step.channel = 'portal' OR a.address IS NOT NULL)
     AND NOT EXISTS (SELECT FROM opt_out o WHERE o.user_id = d.recipient
                        AND (o.kind, o.value) IN (('channel', step.channel), ('app', m.client_app_id)))
   ORDER BY f.m, f.s, step.step
), next AS MATERIALIZED (
  SELECT * FROM usable u
   WHERE NOT CASE u.kind WHEN 'todo' THEN ${isTodoDoneAt('u.m', 'u.s', '$3 AND $4')} ELSE false END
), inserted AS (
  INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, account, ref, params, delivered_at,
                        settled_at, inbox_state)
  SELECT m, seq, status, status = ${S.pending}, channel, recipient, address, account, gen_random_uuid(), params,
         CASE WHEN status = ${S.delivered} THEN now() END, CASE WHEN status = ${S.delivered} THEN now() END,
         CASE WHEN status = ${S.delivered} THEN ${newInboxState('kind')} END
    FROM next
  ON CONFLICT DO NOTHING RETURNING message_id, seq
), fresh AS (
  SELECT n.* FROM next n JOIN inserted i ON i.message_id = n.m AND i.seq = n.seq
), due AS (
  INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, expires_at)
  SELECT 'deliver', m, client_app_id, channel, priority, array_agg(seq ORDER BY seq), now(),
         coalesce(expires_at, now() + ${defaultExpiryOf('channel')})
    FROM fresh WHERE status = ${S.pending} GROUP BY m, client_app_id, channel, priority, expires_at
), counted AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended, seqs)
  SELECT m, client_app_id, channel, ${S.pending}, status, count(*), 0,
         CASE WHEN status_callback IS NOT NULL THEN array_agg(seq) END
    FROM fresh WHERE status = ${S.delivered} GROUP BY m, client_app_id, channel, status, status_callback
)
SELECT m AS message_id, s AS seq, status = ${S.pending} AS is_open FROM fresh`;

/** Starts the next channel of a chain (modes `any`, `smart`) for deliveries whose own channel failed or stayed unproven. */
@Injectable()
export class FallbackRepository {
  /**
   * Inserts the next usable step of each key, with its work due now. Answers the keys for which one was started; the
   * others are at the end of their plan, or have arrived meanwhile. Repeating it starts nothing twice. Locks the rows,
   * so that what is settled for them in the same transaction is judged on what was seen here.
   */
  async start(
    tx: Sql,
    keys: readonly { messageId: string; seq: number }[],
    reason: FallbackReason,
  ): Promise<StartedFallback[]> {
    if (keys.length === 0) return [];
    const ids = keys.map((key) => key.messageId).sort();
    return tx.query<StartedFallback>(START, [
      keys.map((key) => key.messageId),
      keys.map((key) => key.seq),
      ids[0],
      ids.at(-1),
      GIVEN_UP_BELOW[reason],
    ]);
  }
}
