import sanitizeHtml from 'sanitize-html';
import { MESSAGE_HTML, sanitizeMessageHtml } from './sanitize-message-html.js';

export interface PageHtml {
  html: string;
  /** Rules for the classes in `html`; empty where it has no styles of its own. */
  css: string;
}

const CLASS = 'm';

/**
 * HTML of a message for a page whose policy takes no inline style and no picture from elsewhere: styles become classes of
 * one style sheet, pictures the addresses that `pictureUrl` answers (null: the picture is left out).
 * @param scope selector of the element around it: the rules reach nothing else
 */
export function pageHtmlOf(html: string, scope: string, pictureUrl: (src: string) => string | null): PageHtml {
  const classOf = new Map<string, string>();
  const rewritten = sanitizeHtml(sanitizeMessageHtml(html), {
    ...MESSAGE_HTML,
    allowedAttributes: {
      ...MESSAGE_HTML.allowedAttributes,
      '*': [...MESSAGE_HTML.allowedAttributes['*'], 'class'],
      img: [...MESSAGE_HTML.allowedAttributes.img, 'loading'],
    },
    transformTags: {
      '*': (tagName, { style, src, ...attribs }) => {
        const picture = src === undefined ? null : pictureUrl(src);
        return {
          tagName,
          attribs: {
            ...attribs,
            ...(style && { class: classFor(style, classOf) }),
            ...(picture !== null && { src: picture, loading: 'lazy' }),
          },
        };
      },
    },
    exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !attribs['src'],
  });
  const rules = [...classOf].map(([style, name]) => `${scope} .${name}{${style}}`);
  return { html: rewritten, css: rules.join('\n') };
}

/** One class a distinct style. What could end a rule or the sheet is not in a sanitised style; should it be, it is left out. */
function classFor(style: string, classOf: Map<string, string>): string {
  if (/[{}<>\\@]|\/\*/.test(style)) return '';
  const known = classOf.get(style);
  if (known) return known;
  const name = `${CLASS}${classOf.size}`;
  classOf.set(style, name);
  return name;
}
