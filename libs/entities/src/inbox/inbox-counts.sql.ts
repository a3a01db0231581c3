import { INBOX_STATE, INBOX_STATES } from '#contracts';

/** SQL: how many rows recipient $1 has in each state; index only. */
export const COUNTS = `
SELECT inbox_state AS state, count(*)::int AS n FROM delivery
 WHERE recipient = $1 AND inbox_state IS NOT NULL GROUP BY inbox_state`;

const newestOf = (state: number): string => `
  (SELECT message_id, seq, ref FROM delivery
    WHERE recipient = asked.user_id AND inbox_state = ${state} AND message_id >= $2::uuid
    ORDER BY message_id DESC, seq DESC LIMIT 1)`;

/** SQL: what the badges of the people $1 show, and the newest row of each since the message id $2. One probe an index for each. */
export const BADGES = `
SELECT asked.user_id, counted.unread, counted.open, newest.message_id, newest.seq, newest.ref
  FROM unnest($1::text[]) AS asked(user_id)
 CROSS JOIN LATERAL (
   SELECT (count(*) FILTER (WHERE inbox_state = ${INBOX_STATE.unread}))::int AS unread,
          (count(*) FILTER (WHERE inbox_state = ${INBOX_STATE.open}))::int AS open
     FROM delivery WHERE recipient = asked.user_id AND inbox_state IN (${INBOX_STATE.unread}, ${INBOX_STATE.open})) AS counted
  LEFT JOIN LATERAL (
   SELECT * FROM (${INBOX_STATES.map((name) => newestOf(INBOX_STATE[name])).join(' UNION ALL ')}) AS of_state
    ORDER BY message_id DESC, seq DESC LIMIT 1) AS newest ON true`;
