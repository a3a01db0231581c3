/** NUL, and halves of surrogate pairs: PostgreSQL takes neither, and one of them must not lose the rest of a call. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** Text from outside as the database can hold it. */
export const storableText = (text: string): string => text.replace(UNSTORABLE, '');

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** A provider's time as ISO text; null for one that no clock can have meant. */
export function storableTime(at: Date | undefined): string | null {
  const ms = at?.getTime() ?? Number.NaN;
  return at && Math.abs(ms - Date.now()) < YEAR_MS ? at.toISOString() : null;
}
