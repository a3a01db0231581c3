import { IM_MASTER, IM_PERSON, IM_SLAVE } from '#contracts';
import { onlineStatus } from './im-online-status.sql.js';

/** Sessions that ended. $1 their ids, $2 whether the webhook is told. */
export const CLOSE = `
  WITH gone AS (
         DELETE FROM im_session WHERE session_id = ANY($1::bigint[]) RETURNING session_id, uid, device_flag),
       told AS (${onlineStatus({ sessions: 'gone', isOnline: false, isTold: '$2::boolean' })})
  SELECT FROM gone`;

/** Processes that are gone with their sessions: $1, and those without a lease for $2 s. $3 whether the webhook is told. */
export const SWEEP = `
  WITH replica AS (
         DELETE FROM im_replica WHERE replica_id = $1::uuid OR lease_until < now() - $2 * interval '1 second' RETURNING replica_id),
       gone AS (
         DELETE FROM im_session WHERE replica_id IN (SELECT replica_id FROM replica) RETURNING session_id, uid, device_flag),
       told AS (${onlineStatus({ sessions: 'gone', isOnline: false, isTold: '$3::boolean' })})
  SELECT FROM gone`;

/** Sessions of replica $1 that are open although it was given up: $2 ids, $3 uids, $4 device flags, $5 levels, $6 device ids, $7 as above. */
export const RESTORE = `
  WITH back AS (
         INSERT INTO im_session (session_id, replica_id, uid, device_flag, device_level, device_id)
         SELECT session_id, $1::uuid, uid, device_flag, device_level, device_id
           FROM unnest($2::bigint[], $3::text[], $4::smallint[], $5::smallint[], $6::text[])
             AS g(session_id, uid, device_flag, device_level, device_id)
             ON CONFLICT (session_id) DO NOTHING RETURNING session_id, uid, device_flag),
       told AS (${onlineStatus({ sessions: 'back', isOnline: true, isTold: '$7::boolean' })})
  SELECT FROM back`;

/**
 * Judges logins and opens the sessions of those that are let in, with ids in the order given. $1 replica, $2 uids, $3 device
 * flags, $4 device ids, $5 SHA-256 of the tokens, $6 whether the tokens have to be right, $7 whether the webhook is told.
 */
export const OPEN = `
  WITH judged AS MATERIALIZED (
         SELECT g.*, CASE WHEN $6::boolean THEN t.device_level ELSE ${IM_SLAVE} END AS device_level,
                CASE WHEN c.is_banned THEN 'banned'
                     WHEN $6::boolean AND t.token_hash IS DISTINCT FROM g.token_hash THEN 'wrong_token' END AS refusal
           FROM unnest($2::text[], $3::smallint[], $4::text[], $5::bytea[])
             WITH ORDINALITY AS g(uid, device_flag, device_id, token_hash, n)
           LEFT JOIN im_user_token t ON t.uid = g.uid AND t.device_flag = g.device_flag
           LEFT JOIN im_channel c ON c.channel_id = g.uid AND c.channel_type = ${IM_PERSON}),
       let_in AS MATERIALIZED (
         SELECT *, nextval(pg_get_serial_sequence('im_session', 'session_id')) AS session_id
           FROM (SELECT * FROM judged WHERE refusal IS NULL ORDER BY n) j),
       opened AS (
         INSERT INTO im_session (session_id, replica_id, uid, device_flag, device_level, device_id)
         SELECT session_id, $1::uuid, uid, device_flag, device_level, device_id FROM let_in),
       told AS (${onlineStatus({ sessions: 'let_in', isOnline: true, isTold: '$7::boolean' })})
  SELECT j.refusal, l.session_id AS "sessionId", coalesce(j.device_level, ${IM_SLAVE}) AS "deviceLevel"
    FROM judged j LEFT JOIN let_in l USING (n) ORDER BY n`;

/**
 * Of the sessions of the uids $1, those have to end that a later login replaces: with a master all others on that kind of
 * device, else those of the very same device. Run after the logins are committed: of two at the same time each sees the other,
 * or the other sees it.
 */
export const REPLACE = `
  UPDATE im_session s SET end_reason = o.end_reason
    FROM (SELECT DISTINCT ON (s.session_id) s.session_id,
                 CASE WHEN s.device_id = later.device_id AND s.device_id <> '' THEN 'same_device' ELSE 'other_device' END AS end_reason
            FROM im_session s
            JOIN im_session later ON later.uid = s.uid AND later.device_flag = s.device_flag AND later.session_id > s.session_id
             AND (later.device_level = ${IM_MASTER} OR (later.device_id = s.device_id AND s.device_id <> ''))
           WHERE s.uid = ANY($1::text[]) AND s.end_reason IS NULL
           ORDER BY s.session_id, later.session_id DESC) o
   WHERE s.session_id = o.session_id
  RETURNING s.session_id AS "sessionId", s.end_reason AS "endReason"`;
