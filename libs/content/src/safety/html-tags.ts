/** Beginnings and ends of tags in one HTML text: a table of a thousand rows has fewer. */
export const MAX_HTML_TAGS = 20_000;

/** The parser's time grows with the square of the depth: a megabyte of `<div>` would keep the process busy for seconds. */
export function hasTooManyTags(html: string): boolean {
  let count = 0;
  for (const _tag of html.matchAll(/<\/?[a-z]/gi)) if (++count > MAX_HTML_TAGS) return true;
  return false;
}
