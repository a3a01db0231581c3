const CONTROL = /\p{Cc}/u;
// U+FE3B and U+FE3C are the vertical forms, which NFKC turns into the brackets.
const SIGNATURE_BRACKETS = /[【】︻︼]/u;

/** NUL or a lone surrogate: PostgreSQL refuses the one, UTF-8 cannot carry the other. Doors refuse both. */
export const hasBadUnicode = (text: string): boolean => text.includes('\0') || !text.isWellFormed();

export const hasControlCharacter = (text: string): boolean => CONTROL.test(text);

/** Brackets around an SMS signature: in a text they would let a caller sign as somebody else. */
export const hasSmsSignatureBrackets = (text: string): boolean => SIGNATURE_BRACKETS.test(text);

/** For titles and mail headers: runs of control characters and line separators become one space. */
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
