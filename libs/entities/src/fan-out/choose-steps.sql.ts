import { BATCH_DELIVERIES, DELIVERY_STATUS, PORTAL_BESIDE_STEP, STEPS_PER_RECIPIENT } from '#contracts';
import { defaultExpiryOf } from '../deliveries/default-expiry.sql.js';
import { newInboxState } from '../inbox/new-inbox-state.sql.js';
import { dayOf } from '../accounts/sms-budget.sql.js';
import { devicesOf } from './device-audience.sql.js';
import { wechatFollower, wechatOutsider } from './wechat-account.sql.js';

/** When a delivery of channel `channel` of message `m` expires. */
const EXPIRES_AT = `coalesce(m.expires_at, greatest(m.accepted_at, m.send_at) + ${defaultExpiryOf('m.channel')})`;

const S = DELIVERY_STATUS;

/** A row of `chosen` that uses what its recipient's message took from the app's SMS budget. */
const SPENDS = `chosen.segments IS NOT NULL AND chosen.channel = 'sms' AND chosen.status = ${S.pending}`;

/** SQL: the address of candidate `c` on the channel of step `s` among those of the app, or of the shared directory (empty). */
const addressOf = (appId: string): string => `(
             SELECT ra.address FROM recipient_address ra
              WHERE ra.user_id = c.user_id AND ra.channel = s.channel AND ra.app_id = ${appId} AND ra.account = ''
                AND ra.suspended_at IS NULL)`;

const FOLLOWED = wechatFollower({
  userId: 'c.user_id',
  appId: 's.client_app_id',
  pinned: 's.public_account',
  only: 'true',
});

/**
 * From candidates (message_id, ordinal, user_id, params, segments, is_known) to one row per delivery, by the plan of each message:
 * `list` takes every step, `all` every usable one, `any` and `smart` the first usable one. A recipient for whom nothing
 * is usable still gets one row that says why.
 *
 * Addresses are looked up by a probe a row: as joins they are planned as a merge that reads the table from its beginning for
 * every page. `OFFSET 0` keeps the planner from probing again wherever an address is compared.
 *
 * Needs the CTEs `m` and `candidate`; makes `chosen`.
 */
export const CHOOSE_STEPS = `
plan_step AS MATERIALIZED (
  SELECT m.id AS message_id, m.client_app_id, m.plan->>'mode' AS mode, (ord - 1)::int AS step, value->>'channel' AS channel,
         m.plan->>'publicAccount' AS public_account
    FROM m CROSS JOIN LATERAL jsonb_array_elements(m.plan->'steps') WITH ORDINALITY AS e(value, ord)
), option AS (
  SELECT c.message_id, c.ordinal, c.user_id, c.params, c.segments, c.is_known, s.step, s.channel, s.mode,
         CASE s.channel WHEN 'portal' THEN ARRAY[c.user_id]
           WHEN 'wechat' THEN (SELECT ARRAY[f.address, f.account] FROM (${FOLLOWED}) f)
           WHEN 'push' THEN ARRAY[coalesce(${devicesOf({ userId: 'c.user_id', appId: 's.client_app_id' })},
                                           ${addressOf("''")}, ${addressOf('s.client_app_id')})]
           ELSE ARRAY[coalesce(${addressOf("''")}, ${addressOf('s.client_app_id')})] END AS way,
         app.user_id IS NOT NULL AS left_app, chan.user_id IS NOT NULL AS left_channel
    FROM candidate c
    JOIN plan_step s ON s.message_id = c.message_id
    LEFT JOIN opt_out app ON app.user_id = c.user_id AND app.kind = 'app' AND app.value = s.client_app_id
    LEFT JOIN opt_out chan ON chan.user_id = c.user_id AND chan.kind = 'channel' AND chan.value = s.channel
  OFFSET 0
), ranked AS (
  SELECT o.*, o.way[1] AS address, o.way[2] AS account,
         (o.way[1] IS NOT NULL AND o.is_known AND NOT o.left_channel) AS is_usable,
         row_number() OVER (PARTITION BY o.message_id, o.ordinal
           ORDER BY (o.way[1] IS NOT NULL AND o.is_known AND NOT o.left_channel) DESC, o.step) AS place
    FROM option o
), from_directory AS (
  SELECT r.message_id, r.ordinal, r.user_id, r.params, r.segments, NULL::text AS name, r.step, r.channel, r.address, r.account, r.is_known,
         r.left_app, r.left_channel, false AS is_invalid, NULL::text AS refusal
    FROM ranked r
   WHERE CASE r.mode WHEN 'list' THEN true WHEN 'all' THEN r.is_usable OR r.place = 1 ELSE r.place = 1 END
  UNION ALL
  SELECT c.message_id, c.ordinal, c.user_id, c.params, c.segments, NULL, ${PORTAL_BESIDE_STEP}, 'portal', c.user_id, NULL, true,
         EXISTS (SELECT FROM opt_out o WHERE o.user_id = c.user_id AND o.kind = 'app' AND o.value = m.client_app_id),
         EXISTS (SELECT FROM opt_out o WHERE o.user_id = c.user_id AND o.kind = 'channel' AND o.value = 'portal'),
         false, NULL
    FROM candidate c JOIN m ON m.id = c.message_id
   WHERE (m.plan->>'portalAtOnce')::boolean AND c.is_known
)`;

const OUTSIDER = wechatOutsider({
  appId: 'm.client_app_id',
  pinned: "m.plan->>'publicAccount'",
  only: "e.value->>'channel' = 'wechat'",
});

/**
 * People outside the directory, at the given address, in the order of the list after the users.
 * Needs `m` (with `base`, the ordinal to go on from); takes `audience.addresses` from $from (exclusive end $to).
 */
export const fromAddresses = (range: string): string => `
from_addresses AS (
  SELECT m.id AS message_id, m.base + (ord - 1)::int AS ordinal, '' AS user_id, e.value->'params' AS params,
         (e.value->>'smsSegments')::smallint AS segments, e.value->>'name' AS name, 0 AS step, e.value->>'channel' AS channel,
         CASE WHEN e.value->>'channel' <> 'wechat' OR outsider.is_there OR e.value ? 'isInvalid' THEN e.value->>'address' END AS address,
         outsider.account, true AS is_known, false AS left_app, false AS left_channel, e.value ? 'isInvalid' AS is_invalid, NULL::text AS refusal
    FROM m CROSS JOIN LATERAL jsonb_array_elements(m.audience->'addresses') WITH ORDINALITY AS e(value, ord)
    LEFT JOIN LATERAL (${OUTSIDER}) outsider ON true
   WHERE ${range}
)`;

/**
 * Inserts the deliveries of `picked`, their work, and the settlements of what ends at once (portal rows, refusals).
 * Needs `m` and `picked` (the columns of from_directory). Makes `chosen`, `added_work`, the totals per message `total`, and
 * `unused`: SMS segments that were taken at acceptance for people who get no SMS after all (app_id, day, segments).
 * Without ON CONFLICT: every caller holds the state row and moves on from it in the same transaction, so a row that exists already is
 * a bug, and passed over it would be counted and given to a worker all the same.
 * `IS TRUE` keeps the planner from taking what is pending for one row, and from comparing each of them with each message.
 * @param workDue SQL of the due time of new work
 */
export const insertDeliveries = (workDue: string): string => `
chosen AS MATERIALIZED (
  SELECT p.message_id, p.ordinal * ${STEPS_PER_RECIPIENT} + p.step AS seq, p.ordinal, p.user_id, p.params, p.name, p.channel,
         coalesce(p.address, '') AS address, p.account, p.segments,
         CASE WHEN NOT p.is_known THEN ${S.failed}
              WHEN p.left_app OR p.left_channel THEN ${S.suppressed}
              WHEN p.address IS NULL OR p.is_invalid OR p.refusal IS NOT NULL THEN ${S.failed}
              WHEN p.channel = 'portal' THEN ${S.delivered}
              ELSE ${S.pending} END::smallint AS status,
         CASE WHEN NOT p.is_known THEN 'unknown_recipient'
              WHEN p.left_app THEN 'opted_out_of_app'
              WHEN p.left_channel THEN 'opted_out_of_channel'
              WHEN p.refusal IS NOT NULL THEN p.refusal
              WHEN p.is_invalid THEN 'address_invalid'
              WHEN p.address IS NULL THEN 'no_address' END AS error_code
    FROM picked p
), inserted AS (
  INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, name, params, error_code,
                        delivered_at, settled_at, account, segments, segments_day, inbox_state)
  SELECT message_id, seq, status, status = ${S.pending}, channel, user_id, address, gen_random_uuid(), name, params,
         error_code, CASE WHEN status = ${S.delivered} THEN now() END, CASE WHEN status <> ${S.pending} THEN now() END, account,
         CASE WHEN ${SPENDS} THEN segments END,
         CASE WHEN ${SPENDS} THEN (SELECT ${dayOf('m.accepted_at')} FROM m WHERE m.id = chosen.message_id) END,
         CASE WHEN channel = 'portal' AND status = ${S.delivered}
              THEN (SELECT ${newInboxState('m.kind')} FROM m WHERE m.id = chosen.message_id) END
    FROM chosen
), added_work AS (
  INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, expires_at)
  SELECT 'deliver', m.id, m.client_app_id, m.channel, m.priority, array_agg(m.seq ORDER BY m.seq), ${workDue},
         max(${EXPIRES_AT})
    FROM (SELECT m.*, c.channel, c.seq,
                 (row_number() OVER (PARTITION BY c.message_id, c.channel ORDER BY c.seq) - 1) / ${BATCH_DELIVERIES} AS slice
            FROM chosen c JOIN m ON m.id = c.message_id WHERE (c.status = ${S.pending}) IS TRUE) m
   GROUP BY m.id, m.client_app_id, m.channel, m.priority, m.slice
  RETURNING id, channel, app_id, priority, cardinality(seqs) AS size
), ended AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended, seqs)
  SELECT m.id, m.client_app_id, c.channel, ${S.pending}, c.status, count(*), count(*),
         CASE WHEN m.status_callback IS NOT NULL THEN array_agg(c.seq) END
    FROM chosen c JOIN m ON m.id = c.message_id WHERE c.status <> ${S.pending}
   GROUP BY m.id, m.client_app_id, m.status_callback, c.channel, c.status
  RETURNING 1
), unused AS (
  SELECT p.app_id, p.day, sum(p.segments)::int AS segments
    FROM (SELECT m.client_app_id AS app_id, ${dayOf('m.accepted_at')}::text AS day, max(chosen.segments) AS segments
            FROM m JOIN chosen ON chosen.message_id = m.id
           WHERE m.plan ? 'smsSegments' AND chosen.segments IS NOT NULL
           GROUP BY m.client_app_id, m.accepted_at, chosen.message_id, chosen.ordinal HAVING NOT bool_or(${SPENDS})) p
   GROUP BY p.app_id, p.day
), total AS (
  SELECT message_id, count(*)::int AS chains, max(ordinal) + 1 AS next_ordinal FROM chosen GROUP BY message_id
)`;
