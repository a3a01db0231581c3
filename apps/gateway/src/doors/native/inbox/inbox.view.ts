import { inboxStateName, type InboxState } from '#contracts';
import { encodeDeliveryRef, type InboxRow } from '#entities';
import { inboxContent } from '../../../inbox/inbox-content.js';

export interface InboxItem {
  /** The per-delivery reference; `/msg/ack` takes it too. */
  id: string;
  kind: string;
  state: InboxState;
  /** Display name of the calling app. */
  source: string;
  title: string | null;
  text: string | null;
  /** Sanitised. */
  html: string | null;
  url: string | null;
  /** Link for computers, where it is another one. */
  pcUrl: string | null;
  receivedAt: string | null;
  readAt: string | null;
  /** To-dos only: when it was done. */
  doneAt: string | null;
}

export const INBOX_EXAMPLE: InboxItem = {
  id: 'AZjB8npSAAAAAB0SOUlA5E0tlsk6i1V0R14',
  kind: 'notice',
  state: 'unread',
  source: 'Billing',
  title: 'Invoice',
  text: 'Dear 张三, 12.50 is due.',
  html: null,
  url: 'https://billing.example.com/invoices/7',
  pcUrl: null,
  receivedAt: '2026-01-05T08:00:00.000Z',
  readAt: null,
  doneAt: null,
};

export function inboxItem(row: InboxRow): InboxItem {
  const content = inboxContent(row);
  return {
    id: encodeDeliveryRef(row.message_id, row.seq, row.ref),
    kind: row.kind,
    state: inboxStateName(row.inbox_state),
    source: row.source,
    title: content?.title ?? null,
    text: content?.text ?? null,
    html: content?.html ?? null,
    url: content?.url ?? null,
    pcUrl: content?.pcUrl ?? null,
    receivedAt: row.delivered_at?.toISOString() ?? null,
    readAt: row.read_at?.toISOString() ?? null,
    doneAt: row.done_at?.toISOString() ?? null,
  };
}
