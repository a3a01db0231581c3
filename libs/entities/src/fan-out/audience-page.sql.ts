import { INBOX_STATE } from '#contracts';

/** Where the people of a message come from. */
export interface AudienceSources {
  has_users: boolean;
  tag_ids: readonly (string | number)[] | null;
  org_units: readonly string[] | null;
  has_all: boolean;
  /** Message id of a to-do: whoever has it open. */
  todo_id: string | null;
}

export const hasDirectorySource = (message: AudienceSources): boolean =>
  message.has_users ||
  message.has_all ||
  message.tag_ids !== null ||
  message.org_units !== null ||
  message.todo_id !== null;

/**
 * SQL: whether the directory knows a user, by a probe a row. As a join it is planned as a scan of the directory for every
 * message, or as a merge that reads it from its beginning for every page. Tags, org units and `all` name people of it only.
 */
export function isKnown({ has_users }: Pick<AudienceSources, 'has_users'>, userId: string): string {
  return has_users ? `coalesce((SELECT true FROM recipient r WHERE r.user_id = ${userId}), false)` : 'true';
}

/** SQL of the candidates of `page`: what CHOOSE_STEPS reads. Needs `m` (with `base`) and `page`. */
export const candidatesOf = (message: Pick<AudienceSources, 'has_users' | 'todo_id'>): string =>
  `SELECT m.id AS message_id, m.base + p.place AS ordinal, p.user_id,
          ${message.has_users ? 'u.params, u."smsSegments" AS segments' : `${ownParams(message)} AS params, NULL::smallint AS segments`},
          ${isKnown(message, 'p.user_id')} AS is_known
     FROM m CROSS JOIN page p
     ${message.has_users ? `LEFT JOIN jsonb_to_recordset(m.audience->'users') AS u(id text, params jsonb, "smsSegments" smallint) ON u.id COLLATE "C" = p.user_id` : ''}`;

/** SQL: who is reminded of a to-do is told what the to-do told him. */
const ownParams = ({ todo_id: todoId }: Pick<AudienceSources, 'todo_id'>): string =>
  todoId === null
    ? 'NULL::jsonb'
    : `(SELECT t.params FROM delivery t
         WHERE t.message_id = '${todoId}' AND t.inbox_state = ${INBOX_STATE.open} AND t.recipient = p.user_id LIMIT 1)`;

/**
 * The next page of distinct user ids over all sources, in key order: each source yields its own next page by its index,
 * the union drops who is in several. `place`: from 0 on this page. Needs `m`, $2 (user id to go on from) and $3 (size of the page).
 */
export function pageOf(message: AudienceSources): string {
  const sources: string[] = [];
  if (message.has_users) {
    sources.push(`(SELECT u.id COLLATE "C" AS user_id FROM m CROSS JOIN LATERAL jsonb_to_recordset(m.audience->'users') AS u(id text)
                    WHERE u.id COLLATE "C" > $2 ORDER BY 1 LIMIT $3)`);
  }
  for (const tagId of message.tag_ids ?? []) {
    sources.push(`(SELECT tm.user_id FROM tag_member tm
                    WHERE tm.tag_id = ${Number(tagId)} AND tm.user_id > $2 AND tm.added_at <= (SELECT accepted_at FROM m)
                      AND (tm.removed_at IS NULL OR tm.removed_at > (SELECT accepted_at FROM m))
                    ORDER BY tm.user_id LIMIT $3)`);
  }
  if (message.org_units) {
    sources.push(`(SELECT x.user_id FROM unit CROSS JOIN LATERAL (
                     SELECT ou.user_id FROM recipient_org_unit ou WHERE ou.org_unit = unit.code AND ou.user_id > $2
                      ORDER BY ou.user_id LIMIT $3) x)`);
  }
  if (message.has_all) {
    sources.push(`(SELECT r.user_id FROM recipient r WHERE r.user_id > $2 AND r.created_at <= (SELECT accepted_at FROM m)
                    ORDER BY r.user_id LIMIT $3)`);
  }
  if (message.todo_id !== null) {
    sources.push(`(SELECT t.recipient AS user_id FROM delivery t
                    WHERE t.message_id = '${message.todo_id}' AND t.inbox_state = ${INBOX_STATE.open} AND t.recipient > $2
                    ORDER BY t.recipient LIMIT $3)`);
  }
  const union = sources.join(' UNION ');
  const units = message.org_units
    ? `unit AS (
         WITH RECURSIVE tree AS (
           SELECT code FROM org_unit WHERE code IN (SELECT jsonb_array_elements_text(m.audience->'orgUnits') FROM m)
           UNION SELECT o.code FROM org_unit o JOIN tree t ON o.parent = t.code
         ) SELECT code FROM tree
       ), `
    : '';
  return `${units}page AS MATERIALIZED (
    SELECT user_id, (row_number() OVER (ORDER BY user_id))::int - 1 AS place
      FROM (SELECT user_id FROM (${union}) s ORDER BY user_id LIMIT $3) p
  )`;
}
