import { hasMaster, isConnected } from './im-presence.sql.js';

/** Bodies that one callback may carry, and about how many bytes. */
const EVENTS_OF_CALLBACK = 100;
const BYTES_OF_CALLBACK = 1024 * 1024;
/** What one statement takes of the outbox. */
const ROWS = 1000;
const BYTES = 16 * 1024 * 1024;
/** Messages whose recipients one statement looks at, and how many of each. */
const OFFLINE_MESSAGES = 50;
const RECIPIENTS = 1000;

/** $1: address of the webhook, up to and with `event=` */
export const FOLD_EVENTS = `
WITH locked AS MATERIALIZED (
  SELECT id, event, octet_length(body) AS bytes FROM im_outbox WHERE event IS NOT NULL
   ORDER BY id LIMIT ${ROWS} FOR UPDATE SKIP LOCKED
), measured AS (
  SELECT id, event, sum(bytes) OVER (ORDER BY id) AS total, bytes, row_number() OVER of_event - 1 AS place,
         sum(bytes) OVER of_event - bytes AS before
    FROM locked WINDOW of_event AS (PARTITION BY event ORDER BY id)
), taken AS MATERIALIZED (
  SELECT id, place / ${EVENTS_OF_CALLBACK} AS by_count, div(before, ${BYTES_OF_CALLBACK}) AS by_size
    FROM measured WHERE total <= ${BYTES} OR total = bytes
), called AS (
  INSERT INTO callback (app_id, url, type, body)
  SELECT '', $1::text || o.event, o.event, '[' || string_agg(o.body, ',' ORDER BY o.id) || ']'
    FROM taken t JOIN im_outbox o ON o.id = t.id GROUP BY o.event, t.by_count, t.by_size
), kept AS (
  UPDATE im_outbox SET event = NULL WHERE id = ANY(ARRAY(SELECT id FROM taken)) AND (wants_offline OR push_text IS NOT NULL)
), gone AS (
  DELETE FROM im_outbox WHERE id = ANY(ARRAY(SELECT id FROM taken)) AND NOT (wants_offline OR push_text IS NOT NULL)
)
SELECT (SELECT count(*) FROM locked) = ${ROWS} OR (SELECT count(*) FROM taken) < (SELECT count(*) FROM locked) AS has_more`;

/**
 * The next recipients of each message: those without an online master device of them into one callback, and those who are not
 * connected at all but have a device that takes pushes into the answer. A message whose last recipients these were is done. A
 * channel's audience is never in one place as a whole.
 * $1: address of the webhook, up to and with `event=`; null: there is none
 */
export const TELL_OFFLINE = `
WITH taken AS MATERIALIZED (
  SELECT id FROM im_outbox
   WHERE event IS NULL AND (NOT wants_offline OR $1::text IS NOT NULL) ORDER BY id LIMIT ${OFFLINE_MESSAGES} FOR UPDATE SKIP LOCKED
), page AS MATERIALIZED (
  SELECT o.id, r.uid, r.uid IS NOT DISTINCT FROM o.from_uid AS is_sender
    FROM taken t JOIN im_outbox o ON o.id = t.id CROSS JOIN LATERAL (
      (SELECT s.uid FROM im_subscriber s
        WHERE o.uids IS NULL AND s.channel_key = o.channel_key AND s.uid > o.after_uid ORDER BY s.uid LIMIT ${RECIPIENTS})
      UNION ALL
      (SELECT u.uid FROM unnest(o.uids) AS u(uid) WHERE u.uid > o.after_uid ORDER BY u.uid LIMIT ${RECIPIENTS})
    ) r
), unfinished AS (
  SELECT id, max(uid) AS last FROM page GROUP BY id HAVING count(*) = ${RECIPIENTS}
), called AS (
  INSERT INTO callback (app_id, url, type, body)
  SELECT '', $1::text || 'msg.offline', 'msg.offline',
         left(o.body, -1) || ',"to_uids":' || to_json(array_agg(p.uid ORDER BY p.uid))::text || '}'
    FROM page p JOIN im_outbox o ON o.id = p.id
   WHERE o.wants_offline AND NOT p.is_sender AND NOT ${hasMaster('p.uid')} GROUP BY o.id
), moved AS (
  UPDATE im_outbox o SET after_uid = u.last FROM unfinished u WHERE o.id = u.id
), gone AS (
  DELETE FROM im_outbox WHERE id = ANY(ARRAY(SELECT id FROM taken EXCEPT SELECT id FROM unfinished))
)
SELECT (SELECT count(*) FROM taken) = ${OFFLINE_MESSAGES} OR EXISTS (SELECT FROM unfinished) AS "hasMore", (
  SELECT coalesce(json_agg(json_build_object('text', push_text, 'uids', uids)), '[]') FROM (
    SELECT o.push_text, array_agg(p.uid ORDER BY p.uid) AS uids
      FROM page p JOIN im_outbox o ON o.id = p.id
     WHERE o.push_text IS NOT NULL AND NOT p.is_sender AND NOT ${isConnected('p.uid')}
       AND EXISTS (SELECT FROM device d WHERE d.user_id = p.uid AND d.app_id = '' AND d.deactivated_at IS NULL)
     GROUP BY o.id) x) AS pushes`;
