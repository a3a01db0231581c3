import { INBOX_STATE, STEPS_PER_RECIPIENT, type InboxState } from '#contracts';

/** Scalar subqueries, because an EXISTS may be planned as a scan. In a CASE they cost nothing where they are not asked. */
const isInState = (todoId: string, userId: string, state: InboxState): string =>
  `coalesce((SELECT true FROM delivery t
              WHERE t.recipient = ${userId} AND t.inbox_state = ${INBOX_STATE[state]} AND t.message_id = ${todoId} LIMIT 1), false)`;

/** SQL: the person has done the to-do. Who has none in the inbox, for whatever reason, has done none. */
export const isTodoDone = (todoId: string, userId: string): string => isInState(todoId, userId, 'done');

/** SQL: the person has the to-do open; not so when it was done or cancelled. */
export const isTodoOpen = (todoId: string, userId: string): string => isInState(todoId, userId, 'open');

/**
 * SQL: the recipient of this delivery of a to-do has done it. Asked by the key alone: with bounds of the message id any other
 * index looks as good as it, and is as long as the message has receivers.
 * @param bounds what keeps the statement to its partitions, e.g. `$3 AND $4`
 */
export const isTodoDoneAt = (messageId: string, seq: string, bounds: string): string => {
  const first = `${seq} / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT}`;
  return `coalesce((SELECT true FROM delivery t
    WHERE t.message_id = ${messageId} AND t.message_id BETWEEN ${bounds} AND t.seq BETWEEN ${first} AND ${first} + ${STEPS_PER_RECIPIENT - 1}
      AND t.inbox_state = ${INBOX_STATE.done} LIMIT 1), false)`;
};
