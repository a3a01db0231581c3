const MARK = '…';

/** At most so many bytes of UTF-8, never half a character; what is cut ends with `…`, where there is room for one. */
export function cutBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const mark = maxBytes > Buffer.byteLength(MARK) ? MARK : '';
  const bytes = Buffer.from(text);
  let end = Math.max(0, maxBytes - Buffer.byteLength(mark));
  while (end > 0 && isContinuation(bytes[end])) end--;
  return bytes.toString('utf8', 0, end) + mark;
}

/** A byte inside a character of UTF-8. */
const isContinuation = (byte = 0): boolean => (byte & 0xc0) === 0x80;

/**
 * The lines that are not empty, within so many bytes: the one at `elastic` gives way, so that a link below a long text stays whole.
 */
export function linesWithin(
  maxBytes: number,
  lines: readonly (string | undefined)[],
  elastic: number,
  separator = '\n',
): string {
  const join = (body: string): string =>
    lines
      .map((line, i) => (i === elastic ? body : (line ?? '')))
      .filter(Boolean)
      .join(separator);
  const body = lines[elastic] ?? '';
  const excess = Buffer.byteLength(join(body)) - maxBytes;
  if (excess <= 0) return join(body);
  return cutBytes(join(cutBytes(body, Math.max(0, Buffer.byteLength(body) - excess))), maxBytes);
}
