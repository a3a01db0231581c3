import { randomBytes } from 'node:crypto';
import { cutBytes, linesWithin } from '../outbound/cut-bytes.js';
import type { ContentFormat, RenderedContent } from '../port/channel-provider.port.js';

/** DingTalk's limit of a whole message, bytes; judged on its JSON, which is the longest form of it. */
const MAX_MESSAGE = 2048;
const MAX_TITLE = 128;
/** Bytes of a title above a text, so that something of the text remains. */
const MAX_HEADING = 512;
/** Bytes, where DingTalk names no limit of its own. */
const MAX_BUTTON = 60;
const DEFAULT_BUTTON = '查看详情';
const PARAGRAPH = '\n\n';

export type DingtalkMessage = { msgtype: string } & Record<string, unknown>;

/**
 * The message in the form that is asked for; without one a card where there is a title and a link, else text. A card or news without
 * what they need become the next simpler form.
 * @param lastLine see `uniqueLine`
 */
export function dingtalkMessage(content: RenderedContent, lastLine?: string): DingtalkMessage {
  const whole = messageWithin(MAX_MESSAGE, content, lastLine);
  if (jsonBytes(whole) <= MAX_MESSAGE) return whole;
  // JSON makes some characters longer, so the room that is left for the words is found by halving.
  let [fits, tooLong] = [0, MAX_MESSAGE];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (jsonBytes(messageWithin(middle, content, lastLine)) <= MAX_MESSAGE) fits = middle;
    else tooLong = middle;
  }
  return messageWithin(fits, content, lastLine);
}

/** Bytes of a link from which on it is looked at whether it leaves room for itself. */
const LONG_LINK = 1000;
/** As long as any that `uniqueLine` makes. */
const A_LAST_LINE = '01-01 00:00:00 · 000000';

/** The link is too long for a message: what is cut of it leads nowhere, and what is not makes DingTalk refuse the message. */
export function hasOverlongLink(content: RenderedContent): boolean {
  const { url } = content;
  if (!url || Buffer.byteLength(url) < LONG_LINK) return false;
  const message = dingtalkMessage(content, A_LAST_LINE);
  return jsonBytes(message) > MAX_MESSAGE || !JSON.stringify(message).includes(JSON.stringify(url).slice(1, -1));
}

const jsonBytes = (message: DingtalkMessage): number => Buffer.byteLength(JSON.stringify(message));

/**
 * The line that makes a notice unlike every other: DingTalk gives a person the same words only once a day. The time is what a reader would
 * want to see there anyway; the reference tells apart what is sent within one second.
 */
export function uniqueLine(nowMs: number): string {
  const inChina = new Date(nowMs + 8 * 3600 * 1000).toISOString();
  return `${inChina.slice(5, 10)} ${inChina.slice(11, 19)} · ${randomBytes(3).toString('hex')}`;
}

/** @param room bytes of the text with what stands above and below it */
function messageWithin(room: number, content: RenderedContent, lastLine?: string): DingtalkMessage {
  const { text, url, iconUrl } = content;
  const title = cutBytes(content.title ?? '', MAX_TITLE);
  const heading = content.title === text ? undefined : cutBytes(content.title ?? '', MAX_HEADING);
  switch (formatOf(content)) {
    case 'card':
      return {
        msgtype: 'action_card',
        action_card: {
          title,
          markdown: linesWithin(
            room,
            [`**${title}**`, text === title ? undefined : asMarkdown(content.summary || text), lastLine],
            1,
            PARAGRAPH,
          ),
          single_title: cutBytes(content.buttonText || DEFAULT_BUTTON, MAX_BUTTON),
          single_url: url,
        },
      };
    case 'news':
      return {
        msgtype: 'link',
        link: {
          title,
          text: linesWithin(room, [content.summary || text || title, lastLine], 0),
          messageUrl: url,
          picUrl: iconUrl,
        },
      };
    case 'markdown': {
      const link = url && `[${content.buttonText || url}](${url})`;
      return {
        msgtype: 'markdown',
        markdown: {
          title: title || cutBytes(text ?? '', MAX_TITLE),
          text: linesWithin(room, [heading && `**${heading}**`, text, link, lastLine], 1, PARAGRAPH),
        },
      };
    }
    case 'text':
      return { msgtype: 'text', text: { content: linesWithin(room, [heading, text, url, lastLine], 1) } };
  }
}

function formatOf({ format, title, url, iconUrl }: RenderedContent): ContentFormat {
  const canBeCard = Boolean(title && url);
  if (format === undefined) return canBeCard ? 'card' : 'text';
  if (format === 'news' && !iconUrl) return canBeCard ? 'card' : 'text';
  return (format === 'card' || format === 'news') && !canBeCard ? 'text' : format;
}

/** In plain text that becomes markdown a line break shows only as an empty line. */
const asMarkdown = (text?: string): string | undefined => text?.replace(/\n+/g, PARAGRAPH);
