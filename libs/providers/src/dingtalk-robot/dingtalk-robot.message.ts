import { cutBytes, linesWithin } from '../outbound/cut-bytes.js';
import type { RenderedContent } from '../port/channel-provider.port.js';

/** Bytes of the text with its mentions; DingTalk takes a little more for the whole request. */
const MAX_TEXT = 18_000;
const MAX_TITLE = 128;
const MAX_HEADING = 512;
const PARAGRAPH = '\n\n';

export type RobotMessage = { msgtype: 'text' | 'markdown' } & Record<string, unknown>;

/**
 * A message that mentions people. Only text and markdown can; the other forms become markdown. The mentions stand in the words, too:
 * DingTalk shows a name only where it finds its `@userid`.
 */
export function robotMessage(content: RenderedContent, userIds: readonly string[], keyword?: string): RobotMessage {
  const { title, text, url, iconUrl, format } = content;
  const mentions = userIds.map((userId) => `@${userId}`).join(' ');
  const at = { at: { atUserIds: userIds, isAtAll: false } };
  const hasKeyword = keyword === undefined || [title, text, url].some((words) => words?.includes(keyword));
  const key = hasKeyword ? undefined : keyword;
  const heading = title === text ? undefined : cutBytes(title ?? '', MAX_HEADING);
  if (format === 'text' || (format === undefined && !(title && url)))
    return { msgtype: 'text', text: { content: linesWithin(MAX_TEXT, [key, heading, text, url, mentions], 2) }, ...at };
  const lines = [
    key,
    heading && `**${heading}**`,
    format === 'markdown' ? text : text?.replace(/\n+/g, PARAGRAPH),
    format === 'news' && iconUrl ? `![](${iconUrl})` : undefined,
    url && `[${content.buttonText || url}](${url})`,
    mentions,
  ];
  return {
    msgtype: 'markdown',
    markdown: { title: cutBytes(title || text || '', MAX_TITLE), text: linesWithin(MAX_TEXT, lines, 2, PARAGRAPH) },
    ...at,
  };
}
