/**
 * Base64 of the standard alphabet with padding, line breaks tolerated, in its canonical form; null: it is none. Node's decoder
 * skips what it does not know, which shows in the length.
 */
export function decodeBase64(text: string): string | null {
  const given = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  if (given.length % 4 !== 0 || /[-_]/.test(given)) return null;
  const padding = given.endsWith('==') ? 2 : given.endsWith('=') ? 1 : 0;
  const bytes = Buffer.from(given, 'base64');
  return bytes.length === (given.length / 4) * 3 - padding ? bytes.toString('base64') : null;
}

export const encodedBytes = (bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');
