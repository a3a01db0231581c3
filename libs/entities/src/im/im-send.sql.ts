import { IM_PERSON } from '#contracts';
import { HOLD_VERSIONS, NOW_MS } from './im-version.sql.js';

/** Key and size of the channels with the ids $1 and types $2, in their order; without a row: null. */
export const CHANNELS = `
  SELECT c.channel_key AS "channelKey", coalesce(c.is_large, false) AS "isLarge"
    FROM unnest($1::text[], $2::smallint[]) WITH ORDINALITY AS g(channel_id, channel_type, n)
    LEFT JOIN im_channel c USING (channel_id, channel_type)
   ORDER BY g.n`;

/**
 * Appends messages to the logs of their channels: one change of each channel's counters, in the order of their keys, then one
 * insert. Numbers are taken and used in the same transaction, so that none is ever missing. Both sides of a person channel see it
 * from its first message on; where nobody sent it, the addressed one is its left side.
 * Columns but $1, $3, $4 and $8 may have one value for all (see `oneOrAll`).
 * $1 channel ids, $2 types, $3 message ids, $4 client numbers, $5 red dots, $6 settings, $7 senders, $8 ids as addressed,
 * $9 topics, $10 stream numbers, $11 expiry in s, $12 which payload, $13 payloads (base64), $14 whether it counts in
 * conversations, $15 whether the left side of a person channel sent it, $16 epoch ms.
 */
export const APPEND = `
  WITH held AS MATERIALIZED (SELECT ${HOLD_VERSIONS}),
       moment AS MATERIALIZED (SELECT to_timestamp($16::float8 / 1000) AS now, ${NOW_MS} AS version FROM held),
       payloads AS MATERIALIZED (
         SELECT decode(p.payload, 'base64') AS payload, p.payload_no FROM unnest($13::text[]) WITH ORDINALITY AS p(payload, payload_no)),
       given AS (
         SELECT channel_id, coalesce(channel_type, ($2::smallint[])[1]) AS channel_type, message_id, client_msg_no,
                coalesce(has_red_dot, ($5::boolean[])[1]) AS has_red_dot, coalesce(setting, ($6::smallint[])[1]) AS setting,
                coalesce(from_uid, ($7::text[])[1]) AS from_uid, addressed, coalesce(topic, ($9::text[])[1]) AS topic,
                coalesce(stream_no, ($10::text[])[1]) AS stream_no, coalesce(expire, ($11::bigint[])[1]) AS expire,
                coalesce(payload_no, ($12::int[])[1]) AS payload_no, coalesce(counts, ($14::boolean[])[1]) AS counts,
                coalesce(is_left, ($15::boolean[])[1]) AS is_left, n
           FROM unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::boolean[], $6::smallint[], $7::text[], $8::text[],
                       $9::text[], $10::text[], $11::bigint[], $12::int[], $14::boolean[], $15::boolean[])
             WITH ORDINALITY AS g(channel_id, channel_type, message_id, client_msg_no, has_red_dot, setting, from_uid, addressed,
                       topic, stream_no, expire, payload_no, counts, is_left, n)),
       g AS MATERIALIZED (
         SELECT given.*, has_red_dot AND counts AS is_red,
                row_number() OVER in_order AS place,
                count(*) FILTER (WHERE has_red_dot AND counts) OVER in_order AS reds
           FROM given
         WINDOW in_order AS (PARTITION BY channel_id, channel_type ORDER BY n)),
       total AS MATERIALIZED (
         SELECT channel_id, channel_type, count(*) AS messages, count(*) FILTER (WHERE is_red) AS reds,
                count(*) FILTER (WHERE is_red AND is_left) AS reds_left,
                coalesce(max(place) FILTER (WHERE counts), 0) AS last_counting
           FROM g GROUP BY channel_id, channel_type),
       numbered AS (
         INSERT INTO im_channel AS c (channel_id, channel_type, last_seq, red_total, red_left, conv_seq, conv_at, conv_version)
         SELECT channel_id, channel_type, messages, reds, reds_left, last_counting,
                CASE WHEN last_counting > 0 THEN floor($16::float8 / 1000) ELSE 0 END,
                CASE WHEN last_counting > 0 THEN moment.version ELSE 0 END
           FROM total CROSS JOIN moment ORDER BY channel_id, channel_type
             ON CONFLICT (channel_id, channel_type) DO UPDATE
            SET last_seq = c.last_seq + excluded.last_seq,
                red_total = c.red_total + CASE WHEN c.is_large THEN 0 ELSE excluded.red_total END,
                red_left = c.red_left + CASE WHEN c.is_large THEN 0 ELSE excluded.red_left END,
                conv_seq = CASE WHEN c.is_large OR excluded.conv_seq = 0 THEN c.conv_seq ELSE c.last_seq + excluded.conv_seq END,
                conv_at = CASE WHEN c.is_large OR excluded.conv_seq = 0 THEN c.conv_at ELSE excluded.conv_at END,
                conv_version = CASE WHEN c.is_large OR excluded.conv_seq = 0 THEN c.conv_version
                                    ELSE greatest(c.conv_version + 1, excluded.conv_version) END
         RETURNING channel_key, channel_id, channel_type, last_seq, red_total, is_large),
       placed AS MATERIALIZED (
         SELECT g.*, c.channel_key, c.last_seq - t.messages + g.place AS seq, c.is_large,
                CASE WHEN c.is_large THEN c.red_total ELSE c.red_total - t.reds + g.reds END AS red_total
           FROM g JOIN total t USING (channel_id, channel_type) JOIN numbered c USING (channel_id, channel_type)),
       appended AS (
         INSERT INTO im_message (channel_key, seq, message_id, client_msg_no, has_red_dot, setting, from_uid, channel_id, channel_type,
                                 topic, stream_no, expire, expires_at, sent_at, red_total, payload)
         SELECT p.channel_key, p.seq, p.message_id::bigint, p.client_msg_no, p.has_red_dot, p.setting, p.from_uid, p.addressed,
                p.channel_type, nullif(p.topic, ''), nullif(p.stream_no, ''), p.expire,
                CASE WHEN p.expire > 0 THEN moment.now + p.expire * interval '1 second' END, moment.now, p.red_total, payloads.payload
           FROM placed p JOIN payloads USING (payload_no) CROSS JOIN moment),
       started AS (
         INSERT INTO im_conversation (uid, channel_key, peer, is_left)
         SELECT side.uid COLLATE "C", side.channel_key, side.peer, side.is_left
           FROM placed p CROSS JOIN LATERAL (
                  SELECT CASE WHEN p.is_left THEN p.from_uid ELSE p.addressed END AS a,
                         CASE WHEN p.is_left THEN p.addressed ELSE p.from_uid END AS b) AS people
          CROSS JOIN LATERAL (VALUES (a, p.channel_key, b, CASE WHEN b <> '' THEN true END),
                                     (b, p.channel_key, a, false)) AS side(uid, channel_key, peer, is_left)
          WHERE p.channel_type = ${IM_PERSON} AND p.seq = 1
            AND side.uid <> '' AND (side.is_left IS DISTINCT FROM false OR a <> b)
          ORDER BY 1, 2
         ON CONFLICT (uid, channel_key) DO NOTHING)
  SELECT channel_key AS "channelKey", seq AS "messageSeq", is_large AS "isLarge" FROM placed ORDER BY n`;

/**
 * Puts messages into the queues of their recipients: those given, and the subscribers of the channel where a key is.
 * $1 message ids, $2 client numbers, $3 red dots, $4 settings, $5 senders, $6 ids as addressed, $7 types, $8 topics,
 * $9 expiry in s, $10 which payload, $11 payloads (base64), $12 channel keys or null, $13 and $14 recipients: place of the
 * message from 1, uid; $15 epoch ms.
 */
export const ENQUEUE = `
  WITH moment AS MATERIALIZED (SELECT to_timestamp($15::float8 / 1000) AS now),
       payloads AS MATERIALIZED (
         SELECT decode(p.payload, 'base64') AS payload, p.payload_no FROM unnest($11::text[]) WITH ORDINALITY AS p(payload, payload_no)),
       g AS MATERIALIZED (
         SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::smallint[], $5::text[], $6::text[], $7::smallint[],
                              $8::text[], $9::bigint[], $10::int[], $12::bigint[])
           WITH ORDINALITY AS g(message_id, client_msg_no, has_red_dot, setting, from_uid, addressed, channel_type,
                              topic, expire, payload_no, channel_key, n)),
       commands AS (
         INSERT INTO im_command (message_id, client_msg_no, has_red_dot, setting, from_uid, channel_id, channel_type, topic, expire,
                                 expires_at, sent_at, payload)
         SELECT g.message_id::bigint, g.client_msg_no, g.has_red_dot, g.setting, g.from_uid, g.addressed, g.channel_type,
                nullif(g.topic, ''), g.expire, CASE WHEN g.expire > 0 THEN moment.now + g.expire * interval '1 second' END, moment.now,
                payloads.payload
           FROM g JOIN payloads USING (payload_no) CROSS JOIN moment),
       recipient AS MATERIALIZED (
         SELECT n, uid FROM unnest($13::int[], $14::text[]) AS r(n, uid)
          UNION ALL
         SELECT g.n, s.uid FROM g JOIN im_subscriber s ON s.channel_key = g.channel_key),
       total AS MATERIALIZED (SELECT uid, count(*) AS commands FROM recipient GROUP BY uid),
       numbered AS (
         INSERT INTO im_user AS u (uid, queue_last_seq) SELECT uid, commands FROM total ORDER BY uid
             ON CONFLICT (uid) DO UPDATE SET queue_last_seq = u.queue_last_seq + excluded.queue_last_seq
         RETURNING uid, queue_last_seq)
  INSERT INTO im_user_queue (uid, seq, message_id)
  SELECT r.uid, u.queue_last_seq - t.commands + row_number() OVER (PARTITION BY r.uid ORDER BY r.n), g.message_id::bigint
    FROM recipient r JOIN g USING (n) JOIN total t USING (uid) JOIN numbered u USING (uid)`;

/** Pieces for streams that have not ended: $1 stream numbers, $2 client numbers, $3 payloads (base64). Answers each place, or null. */
export const ADD_CHUNKS = `
  WITH g AS MATERIALIZED (
         SELECT g.*, row_number() OVER (PARTITION BY stream_no ORDER BY n) AS place
           FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS g(stream_no, client_msg_no, payload, n)),
       total AS MATERIALIZED (SELECT stream_no, count(*) AS chunks FROM g GROUP BY stream_no),
       numbered AS (
         UPDATE im_stream s SET last_seq = s.last_seq + t.chunks FROM total t
          WHERE s.stream_no = t.stream_no AND s.ended_at IS NULL RETURNING s.stream_no, s.last_seq),
       placed AS MATERIALIZED (
         SELECT g.*, s.last_seq - t.chunks + g.place AS seq FROM g JOIN total t USING (stream_no) LEFT JOIN numbered s USING (stream_no)),
       added AS (
         INSERT INTO im_stream_chunk (stream_no, seq, client_msg_no, payload)
         SELECT stream_no, seq, client_msg_no, decode(payload, 'base64') FROM placed WHERE seq IS NOT NULL)
  SELECT seq AS "streamSeq" FROM placed ORDER BY n`;

export const START_STREAMS = `
  INSERT INTO im_stream (stream_no, channel_id, channel_type)
  SELECT * FROM unnest($1::text[], $2::text[], $3::smallint[])`;
