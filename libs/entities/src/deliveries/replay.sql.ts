import { BATCH_DELIVERIES, DELIVERY_STATUS, DEVICE_STEP, PORTAL_BESIDE_STEP, STEPS_PER_RECIPIENT } from '#contracts';
import { isTodoDone, isTodoOpen } from '../todos/closed-todo.sql.js';
import { devicesOf } from '../fan-out/device-audience.sql.js';
import { wechatFollower } from '../fan-out/wechat-account.sql.js';
import { defaultExpiryOf } from './default-expiry.sql.js';

const S = DELIVERY_STATUS;

/** Dead letters, and deliveries in them, that one replay takes. */
const MAX_ROWS = 5000;
const MAX_DELIVERIES = 20_000;

const FOLLOWED = wechatFollower({
  userId: 'd.recipient',
  appId: 'm.client_app_id',
  pinned: "m.plan->>'publicAccount'",
  only: "d.channel = 'wechat'",
});

/** SQL: a delivery to one device goes to that device again, one to a person to the devices he has today. */
const TO_DEVICES = `CASE WHEN d.seq % ${STEPS_PER_RECIPIENT} >= ${DEVICE_STEP} AND d.address <> '' THEN d.address
                ELSE ${devicesOf({ userId: 'd.recipient', appId: 'm.client_app_id' })} END`;

const MATCHES = `replayed_at IS NULL AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR channel = $3)
  AND ($4::text IS NULL OR cause = $4) AND ($5::text IS NULL OR app_id = $5)
  AND ($6::uuid IS NULL OR message_id = $6) AND at < $7::timestamptz`;

/**
 * Takes what matches, oldest first, for one replay: a row is taken by one replay only. Rows that another replay is
 * taking at this moment are passed over.
 * $1 replay id, $2 kind, $3 channel, $4 cause, $5 app, $6 message, $7 before
 */
export const CLAIM = `
WITH found AS MATERIALIZED (
  SELECT id, CASE kind WHEN 'delivery' THEN cardinality(seqs) ELSE 1 END AS size FROM dead_letter
   WHERE ${MATCHES} ORDER BY id LIMIT ${MAX_ROWS + 1} FOR UPDATE SKIP LOCKED
), summed AS (
  SELECT id, size, sum(size) OVER (ORDER BY id) AS total, row_number() OVER (ORDER BY id) AS place FROM found
), taken AS MATERIALIZED (
  SELECT id FROM summed WHERE place <= ${MAX_ROWS} AND (total <= ${MAX_DELIVERIES} OR place = 1)
)
UPDATE dead_letter SET replay_id = $1, replayed_at = now() WHERE id = ANY(ARRAY(SELECT id FROM taken))
RETURNING id, kind, message_id, CASE kind WHEN 'delivery' THEN cardinality(seqs) ELSE 1 END AS size,
          (SELECT count(*) FROM found) > (SELECT count(*) FROM taken) AS has_more`;

/**
 * A new delivery beside each dead one: same recipient and channel, the address of today, the next free step. The chain
 * opens again, so the message's \`ended\` goes back by one. Answers how many per reason (null: replayed).
 * $1 ids of claimed dead letters, $2 per second, $3/$4 smallest and largest message id
 */
export const DELIVERIES = `
WITH dead AS (
  SELECT DISTINCT l.message_id, u.seq FROM dead_letter l CROSS JOIN LATERAL unnest(l.seqs) AS u(seq)
   WHERE l.id = ANY($1::bigint[])
), looked AS MATERIALIZED (
  SELECT dead.message_id, dead.seq, dead.seq / ${STEPS_PER_RECIPIENT} AS ordinal, d.channel, d.recipient, d.name, d.params,
         CASE WHEN d.recipient = '' THEN d.address ELSE a.address END AS address,
         CASE WHEN d.recipient = '' THEN d.account ELSE a.account END AS account,
         m.client_app_id, m.priority, o.next_step,
         CASE WHEN m.id IS NULL OR d.seq IS NULL THEN 'message_gone'
              WHEN st.cancel_requested_at IS NOT NULL THEN 'message_cancelled'
              WHEN CASE WHEN m.kind = 'todo' THEN ${isTodoDone({ messageId: 'm.id', seq: 'd.seq', userId: 'd.recipient', bounds: '$3 AND $4' })}
                        WHEN m.reminder_of IS NOT NULL THEN NOT ${isTodoOpen('m.reminder_of', 'd.recipient')} END THEN 'todo_done'
              WHEN d.is_open OR d.status NOT IN (${S.failed}, ${S.unknown}, ${S.expired}) OR o.is_alive THEN 'not_dead'
              WHEN EXISTS (SELECT FROM opt_out x WHERE x.user_id = d.recipient
                              AND (x.kind, x.value) IN (('app', m.client_app_id), ('channel', d.channel))) THEN 'opted_out'
              WHEN d.recipient <> '' AND a.address IS NULL THEN 'no_address' END AS reason
    FROM dead
    LEFT JOIN message m ON m.id = dead.message_id AND m.id BETWEEN $3 AND $4
    LEFT JOIN message_state st ON st.message_id = dead.message_id AND st.message_id BETWEEN $3 AND $4
    LEFT JOIN delivery d ON d.message_id = dead.message_id AND d.seq = dead.seq AND d.message_id BETWEEN $3 AND $4
    LEFT JOIN LATERAL (
      (SELECT ra.address, NULL::text AS account, 1 AS place FROM recipient_address ra
        WHERE d.channel <> 'wechat' AND ra.user_id = d.recipient AND ra.channel = d.channel
          AND ra.app_id IN ('', m.client_app_id) AND ra.suspended_at IS NULL
        ORDER BY ra.app_id, ra.account LIMIT 1)
      UNION ALL
      (SELECT f.address, f.account, 1 FROM (${FOLLOWED}) f)
      UNION ALL
      (SELECT own.address, NULL, 0 FROM (SELECT ${TO_DEVICES} AS address WHERE d.channel = 'push') own WHERE own.address IS NOT NULL)
      ORDER BY place LIMIT 1
    ) a ON true
    LEFT JOIN LATERAL (
      SELECT greatest(jsonb_array_length(m.plan->'steps'), max(x.seq % ${STEPS_PER_RECIPIENT}) + 1) AS next_step,
             coalesce(bool_or((m.plan->>'mode' IN ('any', 'smart') OR x.channel = d.channel)
               AND (x.is_open OR x.status IN (${S.delivered}, ${S.read}))), false) AS is_alive
        FROM delivery x
       WHERE x.message_id = dead.message_id AND x.seq >= dead.seq / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT}
         AND x.seq < dead.seq / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT} + ${PORTAL_BESIDE_STEP}
    ) o ON true
), distinct_chain AS (
  SELECT l.*, row_number() OVER (PARTITION BY l.message_id, l.ordinal, l.channel, l.reason ORDER BY l.seq DESC) AS of_channel
    FROM looked l
), placed AS (
  SELECT *, next_step + row_number() OVER (PARTITION BY message_id, ordinal, reason, of_channel ORDER BY seq) - 1 AS step
    FROM distinct_chain
), judged AS MATERIALIZED (
  SELECT *, CASE WHEN reason IS NOT NULL THEN reason
                 WHEN of_channel > 1 THEN 'not_dead'
                 WHEN step >= ${PORTAL_BESIDE_STEP} THEN 'no_free_step' END AS verdict
    FROM placed
), added AS MATERIALIZED (
  SELECT message_id, (ordinal * ${STEPS_PER_RECIPIENT} + step)::int AS seq, channel, recipient, address, account, name, params,
         client_app_id, priority
    FROM judged WHERE verdict IS NULL
), inserted AS (
  INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, account, ref, name, params)
  SELECT message_id, seq, ${S.pending}, true, channel, recipient, address, account, gen_random_uuid(), name, params FROM added
), sliced AS (
  SELECT *, (row_number() OVER (PARTITION BY message_id, channel ORDER BY seq) - 1) / least(${BATCH_DELIVERIES}, $2::int) AS slice
    FROM added
), batch AS (
  SELECT message_id, client_app_id, channel, priority, array_agg(seq ORDER BY seq) AS seqs
    FROM sliced GROUP BY message_id, client_app_id, channel, priority, slice
), paced AS (
  SELECT *, now() + (sum(cardinality(seqs)) OVER (ORDER BY message_id, channel, seqs) - cardinality(seqs)) / $2::float8
              * interval '1 second' AS due
    FROM batch
), due AS (
  INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, started_at, expires_at)
  SELECT 'deliver', message_id, client_app_id, channel, priority, seqs, due, due,
         due + ${defaultExpiryOf('channel')}
    FROM paced
), reopened AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended)
  SELECT message_id, client_app_id, channel, ${S.pending}, ${S.pending}, 0, -count(*)
    FROM added GROUP BY message_id, client_app_id, channel
), back AS (
  INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs)
  SELECT 'delivery', client_app_id, channel, verdict, message_id, array_agg(seq ORDER BY seq)
    FROM judged WHERE verdict IN ('no_address', 'opted_out') GROUP BY client_app_id, channel, verdict, message_id
)
SELECT verdict AS reason, count(*)::int AS count FROM judged GROUP BY verdict`;

/** Has what a callback needs: an address, and items or a body. */
const IS_WHOLE = `(payload IS NOT NULL AND payload ? 'url' AND (coalesce(jsonb_typeof(payload->'items') = 'array', false) <> (payload ? 'body')))`;

/**
 * Callbacks are queued again with the id their receiver may have seen.
 * $1 ids of claimed dead letters, $2 per second
 */
export const CALLBACKS = `
WITH dead AS (
  SELECT *, (row_number() OVER (ORDER BY id) - 1) / $2::float8 AS wait_s FROM dead_letter WHERE id = ANY($1::bigint[])
), added AS (
  INSERT INTO callback (webhook_id, message_id, app_id, url, type, items, body, due_at)
  SELECT coalesce((payload->>'webhookId')::uuid, gen_random_uuid()), message_id, app_id, payload->>'url',
         coalesce(payload->>'type', 'delivery.status'), payload->'items', payload->>'body', now() + wait_s * interval '1 second'
    FROM dead WHERE ${IS_WHOLE}
  RETURNING 1
)
SELECT NULL AS reason, count(*)::int AS count FROM added
UNION ALL
SELECT 'payload_missing', count(*)::int FROM dead WHERE NOT ${IS_WHOLE} HAVING count(*) > 0`;
