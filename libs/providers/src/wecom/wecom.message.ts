import { cutBytes, linesWithin } from '../outbound/cut-bytes.js';
import { cutCharacters } from '../outbound/cut-characters.js';
import type { ContentFormat, RenderedContent } from '../port/channel-provider.port.js';

/** WeCom's limits, bytes of UTF-8. */
const MAX_TEXT = 2048;
const MAX_TITLE = 128;
const MAX_DESCRIPTION = 512;
/** Ours: bytes of a title above a text, so that something of the text remains. */
const MAX_HEADING = 512;
/** Characters. */
const MAX_BUTTON = 4;

export type WecomMessage = { msgtype: string } & Record<string, unknown>;

/**
 * The message in the form that is asked for; without one a card where there is a title and a link, else text. Cards and news need both
 * and become text without them. Texts are cut here, because WeCom cuts inside a character or refuses.
 */
export function wecomMessage(content: RenderedContent): WecomMessage {
  const { title, text, url } = content;
  const heading = title === text ? undefined : cutBytes(title ?? '', MAX_HEADING);
  switch (formatOf(content)) {
    case 'card': {
      const btntxt = cutCharacters(content.buttonText ?? '', MAX_BUTTON);
      return {
        msgtype: 'textcard',
        textcard: {
          title: cutBytes(title ?? '', MAX_TITLE),
          description: describe(content),
          url,
          ...(btntxt && { btntxt }),
        },
      };
    }
    case 'news':
      return {
        msgtype: 'news',
        news: {
          articles: [
            {
              title: cutBytes(title ?? '', MAX_TITLE),
              description: describe(content),
              url,
              ...(content.iconUrl && { picurl: content.iconUrl }),
            },
          ],
        },
      };
    case 'markdown': {
      const link = url && `[${content.buttonText || url}](${url})`;
      return {
        msgtype: 'markdown',
        markdown: { content: linesWithin(MAX_TEXT, [heading && `**${heading}**`, text, link], 1) },
      };
    }
    case 'text':
      return { msgtype: 'text', text: { content: linesWithin(MAX_TEXT, [heading, text, url], 1) } };
  }
}

function formatOf({ format, title, url }: RenderedContent): ContentFormat {
  const canBeCard = Boolean(title && url);
  if (format === undefined) return canBeCard ? 'card' : 'text';
  return (format === 'card' || format === 'news') && !canBeCard ? 'text' : format;
}

/** What a card says below its title; it must say something. */
const describe = ({ summary, text, title }: RenderedContent): string =>
  cutBytes(summary || text || title || '', MAX_DESCRIPTION);
