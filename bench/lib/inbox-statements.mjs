// What an inbox answers, as bare SQL by index.
export const PAGE = 20;

export const COUNT = {
  name: 'count',
  text: `SELECT inbox_state, count(*)::int AS n FROM delivery
          WHERE recipient = $1 AND inbox_state IS NOT NULL GROUP BY inbox_state`,
};
/** Every look-up by key, as ours: as plain joins the planner reads all messages for it. */
export const LIST = {
  name: 'list',
  text: `WITH k AS MATERIALIZED (
           SELECT message_id, seq FROM delivery WHERE recipient = $1 AND inbox_state IS NOT NULL
            ORDER BY message_id DESC, seq DESC LIMIT ${PAGE})
         SELECT d.ref, d.inbox_state, d.delivered_at, m.kind, m.content->>'title' AS title, a.name,
                (SELECT count(*) FROM delivery WHERE recipient = $1 AND inbox_state IS NOT NULL) AS total
           FROM k CROSS JOIN LATERAL (SELECT * FROM delivery WHERE message_id = k.message_id AND seq = k.seq OFFSET 0) d
          CROSS JOIN LATERAL (SELECT * FROM message WHERE id = k.message_id OFFSET 0) m
           JOIN client_app a ON a.app_id = m.client_app_id
          ORDER BY k.message_id DESC, k.seq DESC`,
};
