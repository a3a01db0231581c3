import { DEVICE_STEP, INBOX_STATE, STEPS_PER_RECIPIENT, type InboxState } from '#contracts';

/** Scalar subqueries, because an EXISTS may be planned as a scan. In a CASE they cost nothing where they are not asked. */
const isInState = (todoId: string, userId: string, state: InboxState): string =>
  `coalesce((SELECT true FROM delivery t
              WHERE t.recipient = ${userId} AND t.inbox_state = ${INBOX_STATE[state]} AND t.message_id = ${todoId} LIMIT 1), false)`;

/** SQL: the person has the to-do open; not so when it was done or cancelled. */
export const isTodoOpen = (todoId: string, userId: string): string => isInState(todoId, userId, 'open');

/** What names a delivery of a to-do in SQL; `bounds` keeps the statement to its partitions, e.g. `$3 AND $4`. */
interface TodoDelivery {
  messageId: string;
  seq: string;
  userId: string;
  bounds: string;
}

/**
 * SQL: the recipient of this delivery of a to-do has done it. Who has none in the inbox, for whatever reason, has done none. Only of a
 * device that the audience names is asked by its person: his inbox row is another recipient's as the keys count them.
 */
export const isTodoDone = ({ messageId, seq, userId, bounds }: TodoDelivery): string =>
  `CASE WHEN ${seq} % ${STEPS_PER_RECIPIENT} >= ${DEVICE_STEP} THEN ${isInState(messageId, userId, 'done')}
        ELSE ${isTodoDoneAt(messageId, seq, bounds)} END`;

/**
 * SQL: the same of a delivery to a person, by the key alone. By the person it would be a matter of what PostgreSQL takes for the size
 * of the table: where it was last counted while there was hardly a row, any index that has the message looks as good, and is as long
 * as the message has receivers. The coalesce keeps those of the rows in inboxes out.
 */
export const isTodoDoneAt = (messageId: string, seq: string, bounds: string): string => {
  const first = `${seq} / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT}`;
  return `coalesce((SELECT true FROM delivery t
    WHERE t.message_id = ${messageId} AND t.message_id BETWEEN ${bounds} AND t.seq BETWEEN ${first} AND ${first} + ${STEPS_PER_RECIPIENT - 1}
      AND coalesce(t.inbox_state, 0) = ${INBOX_STATE.done} LIMIT 1), false)`;
};
