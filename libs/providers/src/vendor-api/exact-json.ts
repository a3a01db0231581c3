/** A string, which ends with the text where no quote closes it, or a whole number token; in valid JSON nothing else holds digits. */
const TOKENS = /"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*/g;
/** Fewer digits always fit. */
const MAY_BE_TOO_LONG = /\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * As `JSON.parse`, but an integer that a double cannot hold comes as text, digit by digit: vendors give 64-bit ids as numbers,
 * and a receipt names them exactly.
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!MAY_BE_TOO_LONG.test(text)) return value;
  return JSON.parse(
    text.replace(TOKENS, (token) =>
      INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
    ),
  ) as unknown;
}
