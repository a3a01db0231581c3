import { AppError, inboxStateName, type InboxState } from '#contracts';
import { inlineContentFor, renderContent, type ReadyContent, type TemplateContent } from '#content';
import { encodeDeliveryRef, type InboxRow } from '#entities';

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
  receivedAt: string | null;
  readAt: string | null;
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
  receivedAt: '2026-01-05T08:00:00.000Z',
  readAt: null,
};

export function inboxItem(row: InboxRow): InboxItem {
  const content = contentOf(row);
  return {
    id: encodeDeliveryRef(row.message_id, row.seq, row.ref),
    kind: row.kind,
    state: inboxStateName(row.inbox_state),
    source: row.source,
    title: content?.title ?? null,
    text: content?.text ?? null,
    html: content?.html ?? null,
    url: content?.url ?? null,
    receivedAt: row.delivered_at?.toISOString() ?? null,
    readAt: row.read_at?.toISOString() ?? null,
  };
}

/** A message that cannot be rendered is shown without words: it must not hide the others. */
function contentOf({ content, template, params }: InboxRow): ReadyContent | null {
  if (content) return inlineContentFor('portal', content);
  if (!template) return null;
  try {
    return renderContent('portal', template as TemplateContent, params ?? {});
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}
