/** An approved text: `literals[0] names[0] literals[1] … names[n-1] literals[n]`. */
export interface SplitText {
  readonly literals: readonly string[];
  readonly names: readonly string[];
  /** Characters of all literals together. */
  readonly literalLength: number;
}

const lengthOf = (literals: readonly string[]): number => literals.reduce((sum, literal) => sum + literal.length, 0);

/** @param placeholder global, with the name as its first group */
export function splitText(text: string, placeholder: RegExp): SplitText {
  const literals: string[] = [];
  const names: string[] = [];
  let from = 0;
  for (const match of text.matchAll(placeholder)) {
    literals.push(text.slice(from, match.index));
    names.push(match[1] ?? '');
    from = match.index + match[0].length;
  }
  literals.push(text.slice(from));
  return { literals, names, literalLength: lengthOf(literals) };
}

/**
 * The values with which the template becomes the text, or null. Each has at least one character and ends where the words behind it
 * come first, so there is nothing to try twice: the work is that of one search a literal, whatever the text. A name that comes twice
 * must have the same value.
 */
export function fillOf({ literals, names }: SplitText, text: string): Record<string, string> | null {
  const first = literals[0] ?? '';
  if (names.length === 0) return text === first ? {} : null;
  const last = literals.at(-1) ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return null;
  const end = text.length - last.length;
  const values = new Map<string, string>();
  let from = first.length;
  for (const [i, name] of names.entries()) {
    const isLast = i === names.length - 1;
    const literal = literals[i + 1] ?? '';
    const to = isLast ? end : text.indexOf(literal, from + 1);
    if (to <= from || to > end) return null;
    const value = text.slice(from, to);
    if (values.has(name) && values.get(name) !== value) return null;
    values.set(name, value);
    from = to + literal.length;
  }
  return Object.fromEntries(values);
}

/** How much of the template's own words the text has, in their order (0–1), and the first of them it lacks; null: it lacks none. */
export function wordsInCommon(
  { literals, literalLength }: SplitText,
  text: string,
): { share: number; lacks: string | null } {
  let from = 0;
  let found = 0;
  let lacks: string | null = null;
  for (const literal of literals) {
    const at = text.indexOf(literal, from);
    if (at >= 0) {
      found += literal.length;
      from = at + literal.length;
      continue;
    }
    lacks ??= literal;
    found += commonPrefix(literal, text, from);
  }
  return { share: literalLength === 0 ? 0 : found / literalLength, lacks };
}

function commonPrefix(literal: string, text: string, from: number): number {
  let length = 0;
  while (length < literal.length && literal[length] === text[from + length]) length++;
  return length;
}
