export const MAX_URL_LENGTH = 2048;

/** What is wrong with a link or webhook address, or null. Host names need no dot; where they point is judged at connect time. */
export function httpUrlProblem(text: string): string | null {
  if (text === '') return 'the URL is empty';
  if (text.length > MAX_URL_LENGTH) return `the URL is longer than ${MAX_URL_LENGTH} characters`;
  // The URL parser drops tabs and line breaks and turns `\` into `/`: what was checked would not be what was meant.
  if (/[\s\p{C}\\]/u.test(text)) return 'the URL holds spaces, control characters or backslashes';
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text))
    return 'the URL must start with http:// or https:// and name a host';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) {
    return 'the URL must not carry credentials';
  }
  return null;
}

export const isHttpUrl = (text: string): boolean => httpUrlProblem(text) === null;
