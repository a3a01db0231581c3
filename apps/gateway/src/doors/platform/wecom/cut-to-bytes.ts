/** Characters as people see them: a family of emoji is one. */
const characters = new Intl.Segmenter('zh', { granularity: 'grapheme' });

/** The beginning of a text that fits in so many bytes of UTF-8, never part of a character. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  // No more than this can fit, and the last of it may be cut: it is dropped below unless it fits.
  for (const { segment, index } of characters.segment(text.slice(0, maxBytes + 1))) {
    bytes += Buffer.byteLength(segment);
    if (bytes > maxBytes) return text.slice(0, index);
  }
  return text;
}
