import type { Params } from '#contracts';
import { htmlToText, placeholdersOf, previewText, sanitizeMessageHtml } from '#content';
import type { CheckedMessage } from './plan-message.service.js';
import { textsIn } from './texts-of.js';

/** What may hold tags or entities: everything else reads as it is written. */
const MARKUP = /[<&]/;

/** Fields that lead somewhere or choose something: nobody reads them, and what they hold may spell a word by chance. */
const NOT_READ: ReadonlySet<string> = new Set(['url', 'pcUrl', 'iconUrl', 'format', 'templateId', 'publicId']);

/** A written text that is another one for each recipient. */
interface OpenText {
  text: string;
  names: readonly string[];
}

/**
 * Every text a recipient may read: as written, as given, and with the params in place, so that no word hides in a seam; HTML also
 * as it is shown, so that none hides behind tags or entities. Params are literal in HTML: only what was written is read as such.
 * What the fields are called is our own doing and no text. One at a time: those of all recipients together do not fit into memory.
 */
export function* wordsOf({ template, content, params, audience }: CheckedMessage): Generator<string> {
  yield* readIn(content ?? {});
  yield* shownOf(content?.html ?? '');
  const written = Object.values(template?.content ?? {}).flatMap((ofChannel) => [...readIn(ofChannel)]);
  const shown = [...written, ...written.flatMap(shownOf)];
  yield* shown;
  const open = shown.map((text) => ({ text, names: placeholdersOf(text) })).filter(({ names }) => names.length > 0);
  yield* textsIn(params);
  for (const { text } of open) yield previewText(text, params);
  for (const entries of [audience.users ?? [], audience.addresses ?? []])
    for (const { params: own } of entries) if (own) yield* wordsFor(own, params, open);
}

function* wordsFor(own: Params, params: Params, open: readonly OpenText[]): Generator<string> {
  yield* textsIn(own);
  const values = { ...params, ...own };
  for (const { text, names } of open)
    if (names.some((name) => Object.hasOwn(own, name))) yield previewText(text, values);
}

function* readIn(content: object): Generator<string> {
  for (const [field, value] of Object.entries(content)) if (!NOT_READ.has(field)) yield* textsIn(value);
}

/** The words between the tags, and what stands in the attributes that are kept (a picture's words, a link). */
const shownOf = (html: string): string[] => (MARKUP.test(html) ? [htmlToText(html), sanitizeMessageHtml(html)] : []);
