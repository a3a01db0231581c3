import { INBOX_STATE, STEPS_PER_RECIPIENT } from '#contracts';

/**
 * SQL: the person has the to-do open; not so when it was done or cancelled. A scalar subquery, because an EXISTS may be planned as a
 * scan. In a CASE it costs nothing where it is not asked.
 */
export const isTodoOpen = (todoId: string, userId: string): string =>
  `coalesce((SELECT true FROM delivery t
              WHERE t.recipient = ${userId} AND t.inbox_state = ${INBOX_STATE.open} AND t.message_id = ${todoId} LIMIT 1), false)`;

/**
 * SQL: the recipient of this delivery of a to-do has done it; who has none in the inbox, for whatever reason, has done none. Asked
 * by the key alone. By the person it would be a matter of what PostgreSQL takes for the size of the table: where it was last counted
 * while there was hardly a row, any index that has the message looks as good, and is as long as the message has receivers. The
 * coalesce keeps those of the rows in inboxes out.
 * @param bounds what keeps the statement to its partitions, e.g. `$3 AND $4`
 */
export const isTodoDoneAt = (messageId: string, seq: string, bounds: string): string => {
  const first = `${seq} / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT}`;
  return `coalesce((SELECT true FROM delivery t
    WHERE t.message_id = ${messageId} AND t.message_id BETWEEN ${bounds} AND t.seq BETWEEN ${first} AND ${first} + ${STEPS_PER_RECIPIENT - 1}
      AND coalesce(t.inbox_state, 0) = ${INBOX_STATE.done} LIMIT 1), false)`;
};
