import { isHttpUrl } from '#content';
import { html, type SafeHtml } from './html.js';

/** An address ends before white space, quotes, brackets of either width and CJK punctuation; a full stop after it is the sentence's. */
const ADDRESS = /https?:\/\/[^\s"'<>`()[\]{}（）【】《》“”‘’，。；！？、]+/giu;
const SENTENCE_END = '.,;:!?';

/** A text whose web addresses can be followed; all else stays the text it is. */
export function linkify(text: string): (string | SafeHtml)[] {
  const parts: (string | SafeHtml)[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const url = withoutSentenceEnd(match[0]);
    if (!isHttpUrl(url)) continue;
    parts.push(
      text.slice(from, match.index),
      html`<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`,
    );
    from = match.index + url.length;
  }
  return [...parts, text.slice(from)];
}

/** By hand: a pattern that ends at the end would try again from every full stop. */
function withoutSentenceEnd(url: string): string {
  let end = url.length;
  while (end > 0 && SENTENCE_END.includes(url.charAt(end - 1))) end -= 1;
  return url.slice(0, end);
}
