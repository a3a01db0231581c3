import { isChannel, type Channel, type InlineContent, type Params } from '#contracts';
import { htmlToText } from '../safety/html-to-text.js';
import { sanitizeMessageHtml } from '../safety/sanitize-message-html.js';
import { oneLine } from '../safety/text-safety.js';
import { isHttpUrl } from '../address/http-url.js';
import type { ChannelContent, ReadyContent, TemplateContent } from './channel-content.js';
import { templateContentFor } from './render-content.js';

/** Characters of a title that is taken from the text because none was given. */
const BORROWED_TITLE_LENGTH = 64;

/** Channels that show HTML; the others get its text. */
const HTML_CHANNELS: ReadonlySet<Channel> = new Set<Channel>(['portal', 'mail', 'webhook']);

/** Channels that know more than one shape of a message. */
const CHAT_CHANNELS: ReadonlySet<Channel> = new Set<Channel>(['wecom', 'dingtalk']);

/**
 * What a channel shows of content that was given inline; null when nothing is left to show. Inline content is literal:
 * braces in it stay braces. HTML is sanitised; channels of plain text fall back from text to the HTML's text, the
 * summary, the title. Links that are no http(s) URL are left out.
 * @param params values of the template at WeChat that the content names
 */
export function inlineContentFor(channel: Channel, content: InlineContent, params: Params = {}): ReadyContent | null {
  const html = content.html ? sanitizeMessageHtml(content.html) : '';
  const text = content.text || (html && htmlToText(html)) || content.summary || content.title || '';
  const payload = channel === 'push' ? content.payload : undefined;
  if (!text && !html && !payload) return null;
  const title = content.title || (channel === 'mail' ? content.summary || text : '');
  const ready: ReadyContent = {};
  if (title) ready.title = borrowedTitle(title, content.title === title);
  if (text) ready.text = text;
  if (html && HTML_CHANNELS.has(channel)) ready.html = html;
  if (content.summary) ready.summary = content.summary;
  if (content.url && isHttpUrl(content.url)) ready.url = content.url;
  if (channel === 'portal' && content.pcUrl && isHttpUrl(content.pcUrl)) ready.pcUrl = content.pcUrl;
  if (content.iconUrl && isHttpUrl(content.iconUrl)) ready.iconUrl = content.iconUrl;
  if (CHAT_CHANNELS.has(channel)) {
    if (content.format !== undefined) ready.format = content.format;
    if (content.buttonText) ready.buttonText = content.buttonText;
  }
  if (payload !== undefined) ready.payload = payload;
  if (channel === 'wechat' && content.templateId) {
    ready.templateId = content.templateId;
    ready.params = params;
  }
  return ready;
}

/** A given title is kept whole; one taken from the text is its beginning, never half a character. */
function borrowedTitle(title: string, isGiven: boolean): string {
  const line = oneLine(title);
  return isGiven
    ? line
    : Array.from(line.slice(0, BORROWED_TITLE_LENGTH * 2))
        .slice(0, BORROWED_TITLE_LENGTH)
        .join('');
}

/** A template says something for channels, inline content something by itself. */
const isTemplateContent = (content: TemplateContent | InlineContent): content is TemplateContent =>
  Object.keys(content).some(isChannel);

/** What either kind of content says for the channel, not yet rendered where it is a template's; null when it says nothing. */
export const contentFor = (
  channel: Channel,
  content: TemplateContent | InlineContent,
): ChannelContent | ReadyContent | null =>
  isTemplateContent(content) ? templateContentFor(channel, content) : inlineContentFor(channel, content);
