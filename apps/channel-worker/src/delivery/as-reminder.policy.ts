import type { Channel } from '#contracts';
import type { RenderedContent } from '#providers';

/** No brackets: in an SMS only the carrier may set them. */
const REMINDER = '提醒：';

/**
 * Says that it is a reminder: before the title, or before the text where there is none. An SMS keeps its words, because operators
 * send only texts that they have approved word for word; so does what a vendor's template says.
 */
export function asReminder(channel: Channel, content: RenderedContent): RenderedContent {
  if (channel === 'sms' || content.templateId !== undefined) return content;
  if (content.title) return { ...content, title: REMINDER + content.title };
  return content.text ? { ...content, text: REMINDER + content.text } : content;
}
