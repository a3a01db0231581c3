import { AppError, inboxStateName, type InboxState } from '#contracts';
import { inlineContentFor, renderContent, type ReadyContent, type TemplateContent } from '#content';
import { encodeDeliveryRef, type InboxMessage, type InboxRow } from '#entities';

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

export function shownRow(row: InboxRow): ShownRow {
  const content = contentOf(row);
  return {
    ref: encodeDeliveryRef(row.message_id, row.seq, row.ref),
    state: inboxStateName(row.inbox_state),
    source: row.source,
    title: content?.title ?? firstLine(content?.text ?? ''),
    receivedAt: row.delivered_at,
  };
}

export const shownMessage = (row: InboxMessage): ShownMessage => ({
  ...shownRow(row),
  userId: row.recipient,
  content: contentOf(row),
  readAt: row.read_at,
  doneAt: row.done_at,
  takesReplies: row.reply,
});

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

const MAX_BORROWED = 60;

function firstLine(text: string): string {
  const line = Array.from(text.trimStart().split('\n', 1)[0] ?? '');
  return line.length > MAX_BORROWED ? `${line.slice(0, MAX_BORROWED).join('')}…` : line.join('');
}
