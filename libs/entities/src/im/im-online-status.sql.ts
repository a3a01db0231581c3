import { isServed } from './im-served.sql.js';

export interface OnlineStatusParts {
  /** CTE of the sessions that came or went: session_id, uid, device_flag. The statement itself is what opens or removes them. */
  sessions: string;
  isOnline: boolean;
  /** SQL: whether anybody is to be told. */
  isTold: string;
}

/**
 * SQL of a CTE that puts a line of `user.onlinestatus` for each session into the outbox:
 * `uid-flag-online-session-sessions of that flag-sessions`, counted as they are once it has come or gone.
 */
export const onlineStatus = ({ sessions, isOnline, isTold }: OnlineStatusParts): string => `
  INSERT INTO im_outbox (body, event)
  SELECT to_json(concat_ws('-', c.uid, c.device_flag, ${isOnline ? 1 : 0}, c.session_id, n.of_flag, n.total))::text, 'user.onlinestatus'
    FROM ${sessions} c CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE x.device_flag = c.device_flag) AS of_flag, count(*) AS total FROM (
        SELECT s.device_flag FROM im_session s
         WHERE s.uid = c.uid AND s.end_reason IS NULL AND ${isServed('s')}
           AND NOT EXISTS (SELECT 1 FROM ${sessions} g WHERE g.session_id = s.session_id)
        ${isOnline ? `UNION ALL SELECT o.device_flag FROM ${sessions} o WHERE o.uid = c.uid AND o.session_id <= c.session_id` : ''}
      ) x) n
   WHERE ${isTold} ORDER BY c.session_id`;
