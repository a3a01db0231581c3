import { htmlToText, previewText, sanitizeMessageHtml } from '#content';
import type { CheckedMessage } from './plan-message.service.js';
import { textsIn } from './texts-of.js';

/** What may hold tags or entities: everything else reads as it is written. */
const MARKUP = /[<&]/;

/** Fields that lead somewhere or choose something: nobody reads them, and what they hold may spell a word by chance. */
const NOT_READ: ReadonlySet<string> = new Set(['url', 'pcUrl', 'iconUrl', 'format', 'templateId', 'publicId']);

/**
 * Every text a recipient may read: as written, as given, and with the params in place, so that no word hides in a seam; HTML also
 * as it is shown, so that none hides behind tags or entities. Params are literal in HTML: only what was written is read as such.
 * What the fields are called is our own doing and no text.
 */
export function wordsOf({ template, content, params, audience }: CheckedMessage): string[] {
  const own = [...(audience.users ?? []), ...(audience.addresses ?? [])].flatMap((entry) =>
    entry.params ? [entry.params] : [],
  );
  const written = Object.values(template?.content ?? {}).flatMap(readIn);
  const shown = [...written, ...written.flatMap(shownOf)];
  const filled = [params, ...own].flatMap((values) => shown.map((text) => previewText(text, values)));
  return [
    ...readIn(content ?? {}),
    ...shownOf(content?.html ?? ''),
    ...shown,
    ...textsIn(params),
    ...textsIn(own),
    ...filled,
  ];
}

const readIn = (content: object): string[] =>
  Object.entries(content).flatMap(([field, value]) => (NOT_READ.has(field) ? [] : textsIn(value)));

/** The words between the tags, and what stands in the attributes that are kept (a picture's words, a link). */
const shownOf = (html: string): string[] => (MARKUP.test(html) ? [htmlToText(html), sanitizeMessageHtml(html)] : []);
