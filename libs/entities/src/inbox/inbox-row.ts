import type { InboxState, InlineContent, MessageKind, Params } from '#contracts';
import type { DeliveryKey } from '../deliveries/delivery-key.js';

/** What the inbox is sorted by for people: to-dos apart from notices. */
export const INBOX_TYPES = ['all', 'unread', 'read', 'todo', 'done'] as const;
export type InboxType = (typeof INBOX_TYPES)[number];

export const STATE_OF_TYPE: Readonly<Record<InboxType, InboxState | undefined>> = {
  all: undefined,
  unread: 'unread',
  read: 'read',
  todo: 'open',
  done: 'done',
};

/** One line of an inbox, with what is needed to render it. */
export interface InboxRow extends DeliveryKey {
  /** `delivery.ref`. */
  ref: string;
  /** Code of `INBOX_STATE`. */
  inbox_state: number;
  kind: MessageKind;
  app_id: string;
  /** Display name of the client app. */
  source: string;
  content: InlineContent | null;
  /** What the message's template says for the portal, by channel as in the template; null without a template. */
  template: Record<string, Record<string, string>> | null;
  /** The message's, overridden by the recipient's own. */
  params: Params;
  delivered_at: Date | null;
  read_at: Date | null;
  done_at: Date | null;
}

/** One message for the page that shows it alone. */
export interface InboxMessage extends InboxRow {
  /** User id. */
  recipient: string;
  /** Of the recipient; null when the directory has none. */
  recipient_name: string | null;
  /** Whether the message takes replies. */
  reply: boolean;
}

export interface InboxQuestion {
  /** Absent: all. */
  state?: InboxState;
  /** Part of the title as shown, in any case; every character stands for itself. Empty or absent: all. */
  search?: string;
  offset: number;
  limit: number;
}

export interface InboxPage {
  /** Of the whole answer, not of the page. */
  total: number;
  rows: InboxRow[];
}

export type InboxCounts = Record<InboxState, number>;

/** What a live badge shows. */
export interface InboxBadge {
  unread: number;
  open: number;
  /** Per-delivery reference of the newest row of the last weeks; null when there is none. */
  newestId: string | null;
}
