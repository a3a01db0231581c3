const MAX_CODE_LENGTH = 64;
const MAX_WORDS_LENGTH = 500;
/** A vendor that echoes a shorter secret cannot be told from ordinary text. */
const SHORTEST_SECRET = 4;

/** A vendor's code as an outcome may carry it: printable, at most 64 characters. */
export const vendorCode = (code: string): string => cut(code.replace(/[\s\p{C}]+/gu, '_'), MAX_CODE_LENGTH);

/** A vendor's words as an outcome may carry them: one line, at most 500 characters, secrets of the account blanked. */
export function vendorWords(words: string, secrets: readonly string[] = []): string {
  const blanked = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((text, secret) => text.replaceAll(secret, '***'), cut(words, 4 * MAX_WORDS_LENGTH));
  return cut(blanked.replace(/[\s\p{C}]+/gu, ' ').trim(), MAX_WORDS_LENGTH);
}

/** Never leaves half a character at the end. */
const cut = (text: string, length: number): string => text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
