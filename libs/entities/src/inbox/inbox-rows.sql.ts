/** A list shows titles: without one the beginning of the words, never a text or HTML in full. */
const INLINE_HEAD = `CASE WHEN m.content->>'title' <> '' THEN jsonb_build_object('title', m.content->'title')
  WHEN m.content IS NOT NULL THEN jsonb_strip_nulls(jsonb_build_object('summary', m.content->'summary',
    'text', left(m.content->>'text', 200), 'html', left(m.content->>'html', 2000))) END`;

const PORTAL = `(v.content->'portal')`;
const TEMPLATE_WHOLE = `jsonb_build_object('portal', coalesce(${PORTAL}, '{}'))`;
const TEMPLATE_HEAD = `jsonb_build_object('portal', CASE WHEN ${PORTAL} ?| '{title,subject,text}' THEN ${PORTAL} - 'html'
  ELSE coalesce(${PORTAL}, '{}') END)`;

const COLUMNS = `k.message_id, k.seq, d.ref, d.inbox_state, m.kind, m.client_app_id AS app_id, coalesce(a.name, '') AS source,
  coalesce(m.params, '{}') || coalesce(d.params, '{}') AS params, d.delivered_at, d.read_at, d.done_at`;

/**
 * By key whatever the planner knows of the tables: OFFSET 0 keeps each look-up a look-up. As a plain join it may become a
 * hash of all messages.
 */
const DELIVERY_OF_KEY = `CROSS JOIN LATERAL (
  SELECT * FROM delivery WHERE message_id = k.message_id AND seq = k.seq OFFSET 0) d`;
export const MESSAGE_OF_KEY = `CROSS JOIN LATERAL (SELECT * FROM message WHERE id = k.message_id OFFSET 0) m`;

const joined = (columns: string): string => `
SELECT ${columns} FROM k ${DELIVERY_OF_KEY} ${MESSAGE_OF_KEY}
  LEFT JOIN client_app a ON a.app_id = m.client_app_id
  LEFT JOIN template_version v ON v.id = m.template_version_id`;

export const NEWEST_FIRST = 'ORDER BY message_id DESC, seq DESC';

const WHOLE = `${COLUMNS}, m.content, CASE WHEN v.id IS NOT NULL THEN ${TEMPLATE_WHOLE} END AS template`;

/** SQL: an `InboxRow` for each key in `k`, whole. */
export const WHOLE_ROWS = `${joined(WHOLE)} ${NEWEST_FIRST}`;

/** SQL: an `InboxMessage` for each key in `k`, which has the `recipient`, too. */
export const WHOLE_MESSAGES = joined(
  `${WHOLE}, m.reply, k.recipient, (SELECT name FROM recipient WHERE user_id = k.recipient) AS recipient_name`,
);

const HEADS = joined(
  `${COLUMNS}, ${INLINE_HEAD} AS content, CASE WHEN v.id IS NOT NULL THEN ${TEMPLATE_HEAD} END AS template`,
);

/** SQL: an `InboxRow` for each key in `k`, whose content is cut to what a list shows, oldest first. */
export const HEADS_OLDEST_FIRST = `${HEADS} ORDER BY message_id, seq`;

/** SQL: the same newest first, with the `total` on each; one row of nulls carries it when the page is empty. */
export const headsWithTotal = (total: string): string => `
SELECT t.total, p.* FROM (SELECT (${total})::int AS total) t LEFT JOIN (${HEADS}) p ON true ${NEWEST_FIRST}`;
