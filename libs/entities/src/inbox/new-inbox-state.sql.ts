import { INBOX_STATE } from '#contracts';

/** SQL: the state of a row that has just come into an inbox, by the kind of its message. */
export const newInboxState = (kind: string): string =>
  `(CASE WHEN ${kind} = 'todo' THEN ${INBOX_STATE.open} ELSE ${INBOX_STATE.unread} END)::smallint`;
