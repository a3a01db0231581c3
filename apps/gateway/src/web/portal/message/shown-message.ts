import { inboxStateName, type InboxState } from '#contracts';
import type { ReadyContent } from '#content';
import { encodeDeliveryRef, type InboxMessage, type InboxRow } from '#entities';
import { inboxContent, inboxHeading } from '../../../inbox/inbox-content.js';

/** A row of somebody's inbox as a list shows it. */
export interface ShownRow {
  /** Per-delivery reference. */
  ref: string;
  state: InboxState;
  source: string;
  /** Empty: it has none. */
  title: string;
  receivedAt: Date | null;
}

/** One message in full. */
export interface ShownMessage extends ShownRow {
  /** Whose it is. */
  userId: string;
  content: ReadyContent | null;
  readAt: Date | null;
  doneAt: Date | null;
  takesReplies: boolean;
}

export const shownRow = (row: InboxRow): ShownRow => ({
  ref: encodeDeliveryRef(row.message_id, row.seq, row.ref),
  state: inboxStateName(row.inbox_state),
  source: row.source,
  title: inboxHeading(row),
  receivedAt: row.delivered_at,
});

export const shownMessage = (row: InboxMessage): ShownMessage => ({
  ...shownRow(row),
  userId: row.recipient,
  content: inboxContent(row),
  readAt: row.read_at,
  doneAt: row.done_at,
  takesReplies: row.reply,
});
