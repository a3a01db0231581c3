/**
 * Where an inbox row stands. The number is what `delivery.inbox_state` stores, and what the platform door answers.
 * Notices are unread or read; to-dos are open or done, whether read or not.
 */
export const INBOX_STATE = { read: 1, unread: 2, done: 3, open: 4 } as const;

export type InboxState = keyof typeof INBOX_STATE;

export const INBOX_STATES = Object.keys(INBOX_STATE) as InboxState[];

const NAMES = new Map<number, InboxState>(
  Object.entries(INBOX_STATE).map(([name, code]) => [code, name as InboxState]),
);

/** Throws on a code that no version ever wrote: such a row is a bug, not a state. */
export function inboxStateName(code: number): InboxState {
  const name = NAMES.get(code);
  if (!name) throw new RangeError(`no inbox state has the code ${code}`);
  return name;
}
