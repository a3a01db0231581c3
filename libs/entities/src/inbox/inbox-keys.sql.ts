import { INBOX_STATE, INBOX_STATES, type InboxState } from '#contracts';

export const matches = (state: InboxState | undefined): string =>
  state === undefined ? 'inbox_state IS NOT NULL' : `inbox_state = ${INBOX_STATE[state]}`;

interface Walk {
  state: InboxState | undefined;
  /** Condition on `message_id` and `seq`, beginning with AND. */
  beyond: string;
  direction: 'ASC' | 'DESC';
}

/**
 * SQL: keys of the first $4 rows of recipient $1 in order. Every state is a walk along `delivery_inbox_idx` that stops at the limit,
 * partition by partition; all of them together are four such walks, merged.
 */
export function keysInOrder({ state, beyond, direction }: Walk): string {
  const order = `ORDER BY message_id ${direction}, seq ${direction} LIMIT $4::int`;
  const walk = (one: InboxState): string =>
    `(SELECT message_id, seq FROM delivery WHERE recipient = $1 AND ${matches(one)} ${beyond} ${order})`;
  const walks = (state === undefined ? INBOX_STATES : [state]).map(walk);
  return `SELECT message_id, seq FROM (${walks.join(' UNION ALL ')}) AS walked ${order}`;
}
