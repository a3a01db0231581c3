import { AppError, type Params } from '#contracts';

/**
 * A placeholder is `{{name}}` or `{{name.DATA}}` (WeChat's spelling of the same); a name is 1–64 letters, digits,
 * marks, `_` or `-` of any script. Everything else in braces (`{{#each}}`, `{{a.b}}`, `${x}`) is literal text.
 * All quantifiers are bounded and disjoint, so the scan is linear whatever the text.
 */
const PLACEHOLDER = /\{\{\s{0,4}([\p{L}\p{N}\p{M}_-]{1,64})(?:\.DATA)?\s{0,4}\}\}/gu;

/** UTF-16 units one rendered field may have; a template and its params cannot multiply beyond it. */
export const MAX_RENDERED_LENGTH = 262_144;

/** Literal texts and placeholder names in turn: `literals[0] names[0] literals[1] names[1] … literals[n]`. */
export interface ParsedTemplate {
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/** A placeholder of the template has no param. `details.name` names it. */
export class MissingParamError extends AppError {
  constructor(readonly param: string) {
    super('missing_param', 'invalid', `the template needs a value for "${param}"`, { name: param });
  }
}

/** Params made a field longer than `MAX_RENDERED_LENGTH`. */
export class ContentTooLongError extends AppError {
  constructor(maxLength: number) {
    super('content_too_long', 'invalid', `the rendered content exceeds ${maxLength} characters`, { maxLength });
  }
}

/** How a value is written into its surroundings. `url`: percent-encoded unless the URL starts with the placeholder. */
export type Escape = 'none' | 'html' | 'url';

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"'`]/g, (c) => HTML_ENTITIES[c] ?? c);

/** Never fails: what is no placeholder is text. */
export function parseTemplate(text: string): ParsedTemplate {
  const literals: string[] = [];
  const names: string[] = [];
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    literals.push(text.slice(from, match.index));
    names.push(match[1] ?? '');
    from = match.index + match[0].length;
  }
  literals.push(text.slice(from));
  return { literals, names };
}

/** Names the text asks for, each once, in order of appearance. */
export const placeholdersOf = (text: string): string[] => [...new Set(parseTemplate(text).names)];

/**
 * Values are data only: a value that looks like a placeholder stays text, and names are looked up among the params' own
 * properties, so `{{constructor}}` is simply missing. Throws `MissingParamError`, `ContentTooLongError`.
 */
export function render(
  template: ParsedTemplate,
  params: Params,
  { escape = 'none', maxLength = MAX_RENDERED_LENGTH }: { escape?: Escape; maxLength?: number } = {},
): string {
  let rendered = template.literals[0] ?? '';
  template.names.forEach((name, i) => {
    if (!Object.hasOwn(params, name)) throw new MissingParamError(name);
    const value = String(params[name]);
    if (value.length > maxLength) throw new ContentTooLongError(maxLength);
    rendered += escaped(value, escape, rendered === '') + (template.literals[i + 1] ?? '');
    if (rendered.length > maxLength) throw new ContentTooLongError(maxLength);
  });
  return rendered;
}

function escaped(value: string, escape: Escape, isAtStart: boolean): string {
  if (escape === 'html') return escapeHtml(value);
  // A lone surrogate would make encodeURIComponent throw; doors refuse it, this line must not depend on that.
  if (escape === 'url' && !isAtStart) return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '�'));
  return value;
}

/**
 * The text with the params that are there filled in and the other placeholders left as written. Never fails: beyond the length that
 * a message may have it is cut.
 */
export function previewText(text: string, params: Params): string {
  let shown = '';
  let from = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [written, name = ''] = match;
    shown += text.slice(from, match.index) + (Object.hasOwn(params, name) ? String(params[name]) : written);
    from = match.index + written.length;
    if (shown.length > MAX_RENDERED_LENGTH) break;
  }
  return (shown + text.slice(from)).slice(0, MAX_RENDERED_LENGTH);
}
