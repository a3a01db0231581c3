import { AppError } from '#contracts';
import { inlineContentFor, oneLine, renderContent, type ReadyContent, type TemplateContent } from '#content';
import type { InboxRow } from '#entities';

/** Characters shown of a message that has no title. */
const BORROWED_LENGTH = 64;

/** What an inbox row shows; null for a message that cannot be rendered: it must not hide the others. */
export function inboxContent({ content, template, params }: InboxRow): ReadyContent | null {
  if (content) return inlineContentFor('portal', content);
  if (!template) return null;
  try {
    return renderContent('portal', template as TemplateContent, params);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** One line that stands for the message in a list: its title, else the beginning of its words; may be empty. */
export function inboxHeading(row: InboxRow): string {
  const content = inboxContent(row);
  if (content?.title) return content.title;
  return Array.from(oneLine(content?.text ?? ''))
    .slice(0, BORROWED_LENGTH)
    .join('');
}
