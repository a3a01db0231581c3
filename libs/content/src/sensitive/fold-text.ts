/** A text as sensitive words see it, with the way back. */
export interface FoldedText {
  /** UTF-16 units that count. */
  readonly units: Uint16Array;
  /** For each unit: where its character starts and ends (exclusive) in the original text. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly length: number;
}

/** Spaces, punctuation, symbols, control and format characters, non-spacing marks: what people put between letters. */
const IGNORED = /[\p{Z}\p{P}\p{S}\p{C}\p{Mn}]/gu;

const foldCodePoint = (char: string): string => char.normalize('NFKC').toLowerCase().replace(IGNORED, '');

// Folding a character costs µs, a text has thousands: the answers for the basic plane are kept (≤ 65,536 short strings).
const known: (string | undefined)[] = new Array<string | undefined>(0x10000);

function foldOf(text: string, at: number, codePoint: number): string {
  if (codePoint > 0xffff) return foldCodePoint(text.slice(at, at + 2));
  return (known[codePoint] ??= foldCodePoint(text.charAt(at)));
}

/**
 * Folds width, compatibility forms and case, and drops what may stand between letters. Code point by code point, so that
 * positions survive.
 */
export function foldText(text: string): FoldedText {
  let capacity = text.length + 16;
  let units = new Uint16Array(capacity);
  let starts = new Uint32Array(capacity);
  let ends = new Uint32Array(capacity);
  let length = 0;
  for (let at = 0; at < text.length;) {
    const codePoint = text.codePointAt(at) ?? 0;
    const next = at + (codePoint > 0xffff ? 2 : 1);
    const folded = foldOf(text, at, codePoint);
    if (length + folded.length > capacity) {
      capacity = 2 * capacity + folded.length;
      units = grown(units, new Uint16Array(capacity));
      starts = grown(starts, new Uint32Array(capacity));
      ends = grown(ends, new Uint32Array(capacity));
    }
    for (let i = 0; i < folded.length; i++) {
      units[length] = folded.charCodeAt(i);
      starts[length] = at;
      ends[length] = next;
      length++;
    }
    at = next;
  }
  return { units, starts, ends, length };
}

function grown<T extends Uint16Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
