import { isChannel, type Channel, type InlineContent, type Params } from '#contracts';
import { htmlToText } from '../safety/html-to-text.js';
import { sanitizeMessageHtml } from '../safety/sanitize-message-html.js';
import { oneLine } from '../safety/text-safety.js';
import { isHttpUrl } from '../address/http-url.js';
import type { ChannelContent, ReadyContent, TemplateContent } from './channel-content.js';
import { dropUndefined, templateContentFor } from './render-content.js';

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
  return dropUndefined<ReadyContent>({
    title: title ? borrowedTitle(title, content.title === title) : undefined,
    text: text || undefined,
    html: html && HTML_CHANNELS.has(channel) ? html : undefined,
    summary: content.summary || undefined,
    url: content.url && isHttpUrl(content.url) ? content.url : undefined,
    pcUrl: channel === 'portal' && content.pcUrl && isHttpUrl(content.pcUrl) ? content.pcUrl : undefined,
    iconUrl: content.iconUrl && isHttpUrl(content.iconUrl) ? content.iconUrl : undefined,
    format: CHAT_CHANNELS.has(channel) ? content.format : undefined,
    buttonText: (CHAT_CHANNELS.has(channel) && content.buttonText) || undefined,
    payload,
    ...(channel === 'wechat' && content.templateId ? { templateId: content.templateId, params } : {}),
  });
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
