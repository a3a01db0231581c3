import { hasBadUnicode } from '#content';

export type Claims = Readonly<Record<string, unknown>>;

const MAX_LENGTH = 512;

/** The first of the named claims that may be a user id: a text that can be stored, or a whole number. */
export function findUserId(claims: Claims, names: readonly string[]): string | null {
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    const text = Number.isSafeInteger(value) ? String(value) : value;
    if (typeof text === 'string' && text !== '' && text.length <= MAX_LENGTH && !hasBadUnicode(text)) return text;
  }
  return null;
}
