import type { Sql } from '../connection/database.js';
import type { InsertResult, NewMessage } from './new-message.js';

/** Seconds after which a message whose doorbell was lost is fanned out all the same. */
const DOORBELL_GRACE_S = 3;
/** Hours an idempotency key is remembered. */
export const KEY_HOURS = 24;

/**
 * One statement: key, message, state and work row of a whole batch, or none of them. Who cannot be reached, or has left the
 * app, falls out first: a question of its own would cost a round trip a message, and its answer could be old at the commit. Scalar
 * subqueries, because an EXISTS may be planned as a scan of the whole table.
 */
const INSERT = `
WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
    id uuid, app text, door text, kind text, priority smallint, content jsonb, template bigint, params jsonb,
    audience jsonb, plan jsonb, callback text, client_ref text, reply boolean, send_at timestamptz,
    expires_at timestamptz, key text, hash text, reach_user text, reach_channel text, remind_every_s int,
    wants_all_in boolean)
), judged AS MATERIALIZED (
  SELECT i.*, CASE WHEN i.wants_all_in THEN coalesce((
           SELECT true FROM jsonb_to_recordset(i.audience->'users') AS u(id text)
            WHERE (SELECT true FROM opt_out o WHERE o.user_id = u.id AND o.kind = 'app' AND o.value = i.app) LIMIT 1), false)
         ELSE false END AS has_left
    FROM input i
), reachable AS (
  SELECT i.* FROM judged i
   WHERE NOT i.has_left AND (i.reach_user IS NULL
      OR (SELECT true FROM recipient r WHERE r.user_id = i.reach_user)
         AND (i.reach_channel IS NULL OR i.reach_channel = 'portal'
              OR (SELECT true FROM recipient_address a
                   WHERE a.user_id = i.reach_user AND a.channel = i.reach_channel AND a.app_id IN ('', i.app)
                     AND a.suspended_at IS NULL LIMIT 1)
              OR i.reach_channel = 'push'
                 AND (SELECT true FROM device d
                       WHERE d.user_id = i.reach_user AND d.app_id IN ('', i.app) AND d.deactivated_at IS NULL LIMIT 1)))
), key AS (
  INSERT INTO idempotency_key AS k (app_id, key, body_hash, message_id)
  SELECT app, key, decode(hash, 'hex'), id FROM reachable WHERE key IS NOT NULL ORDER BY app, key
  ON CONFLICT (app_id, key) DO UPDATE
    SET body_hash = excluded.body_hash, message_id = excluded.message_id, created_at = now()
    WHERE k.created_at < now() - interval '${KEY_HOURS} hours'
  RETURNING message_id
), fresh AS (
  SELECT * FROM reachable WHERE key IS NULL OR id IN (SELECT message_id FROM key)
), inserted AS (
  INSERT INTO message (id, client_app_id, door, kind, priority, content, template_version_id, params, audience, plan,
                       status_callback, client_ref, reply, accepted_at, send_at, expires_at, remind_every_s)
  SELECT id, app, door, kind, priority, content, template, params, audience, plan, callback, client_ref, reply, now(),
         send_at, expires_at, remind_every_s
    FROM fresh
), state AS (
  INSERT INTO message_state (message_id, status)
  SELECT id, CASE WHEN send_at > now() THEN 'scheduled' ELSE 'accepted' END FROM fresh
), due AS (
  INSERT INTO work (kind, message_id, app_id, priority, due_at)
  SELECT 'fan_out', id, app, priority, CASE WHEN send_at > now() THEN send_at ELSE now() + interval '${DOORBELL_GRACE_S} seconds' END
    FROM fresh
)
SELECT id, 'accepted' AS outcome, coalesce(send_at > now(), false) AS scheduled FROM fresh
UNION ALL
SELECT id, CASE WHEN has_left THEN 'opted-out' ELSE 'unreachable' END, false FROM judged
 WHERE (has_left OR reach_user IS NOT NULL) AND id NOT IN (SELECT id FROM reachable)`;

/** Answers by message id; a message without an answer lost the race for its idempotency key. */
export async function insertMessages(sql: Sql, batch: readonly NewMessage[]): Promise<Map<string, InsertResult>> {
  const rows = await sql.query<{ id: string; outcome: 'accepted' | 'opted-out' | 'unreachable'; scheduled: boolean }>(
    INSERT,
    [JSON.stringify(batch.map(toRow))],
    'accept_messages',
  );
  return new Map(
    rows.map(({ id, outcome, scheduled }) => [
      id,
      outcome === 'accepted'
        ? { kind: outcome, messageId: id, isNew: true, isScheduled: scheduled }
        : { kind: outcome },
    ]),
  );
}

/** What a message does not have is left out, not null: most have few of the fields, and each one named costs time at both ends. */
const toRow = (message: NewMessage): Record<string, unknown> => ({
  id: message.id,
  app: message.clientAppId,
  door: message.door,
  kind: message.kind,
  priority: message.priority,
  content: message.content ?? undefined,
  template: message.templateVersionId ?? undefined,
  params: message.params,
  audience: message.audience,
  plan: message.plan,
  callback: message.statusCallback ?? undefined,
  client_ref: message.clientRef ?? undefined,
  reply: message.reply,
  send_at: message.sendAt ?? undefined,
  expires_at: message.expiresAt ?? undefined,
  key: message.idempotency?.key,
  hash: message.idempotency?.bodyHash,
  reach_user: message.mustReach?.userId,
  reach_channel: message.mustReach?.channel ?? undefined,
  remind_every_s: message.remindEveryS ?? undefined,
  wants_all_in: message.wantsAllIn || undefined,
});
