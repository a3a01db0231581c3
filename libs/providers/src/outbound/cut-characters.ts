/** What people see as one: a family of emoji is several characters of Unicode. */
const seen = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** The beginning of a text that has at most `max` characters (code points), never part of what people see as one. */
export function cutCharacters(text: string, max: number): string {
  let count = 0;
  for (const { segment, index } of seen.segment(text)) {
    count += Array.from(segment).length;
    if (count > max) return text.slice(0, index);
  }
  return text;
}
