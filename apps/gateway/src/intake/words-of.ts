import { htmlToText, previewText, sanitizeMessageHtml } from '#content';
import type { CheckedMessage } from './plan-message.service.js';
import { textsOf } from './texts-of.js';

/** What may hold tags or entities: everything else reads as it is written. */
const MARKUP = /[<&]/;

/**
 * Every text a recipient may read: as written, as given, and with the params in place, so that no word hides in a seam; HTML also
 * as it is shown, so that none hides behind tags or entities. Params are literal in HTML: only what was written is read as such.
 */
export function wordsOf({ template, content, params, audience }: CheckedMessage): string[] {
  const own = [...(audience.users ?? []), ...(audience.addresses ?? [])].flatMap((entry) =>
    entry.params ? [entry.params] : [],
  );
  const written = textsOf(template?.content);
  const shown = [...written, ...written.flatMap(shownOf)];
  const filled = [params, ...own].flatMap((values) => shown.map((text) => previewText(text, values)));
  return [
    ...textsOf(content),
    ...shownOf(content?.html ?? ''),
    ...shown,
    ...textsOf(params),
    ...textsOf(own),
    ...filled,
  ];
}

/** The words between the tags, and what stands in the attributes that are kept (a picture's words, a link). */
const shownOf = (html: string): string[] => (MARKUP.test(html) ? [htmlToText(html), sanitizeMessageHtml(html)] : []);
