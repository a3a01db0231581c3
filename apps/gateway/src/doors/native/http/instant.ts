/** Offsets end at 15:59 because the database refuses wider ones; the widest in use is +14:00. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-5]):?[0-5]\d)$/i;

/** Of no calendar in use, and of none that the database takes. */
const YEAR_ZERO = '0000';

/** A moment as ISO 8601 with an offset; null for any other text, and for a day that its month does not have. */
export function readInstant(text: string): Date | null {
  const day = INSTANT.exec(text)?.[1];
  if (day === undefined || day.startsWith(YEAR_ZERO) || !isRealDay(day)) return null;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

/** The parser of dates takes the 30th of February and makes the 2nd of March of it: nobody meant that. */
function isRealDay(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

/** What is wrong with a moment, or null; none is given where it is undefined. */
export function instantProblem(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' && readInstant(value) !== null
    ? null
    : ' must be a time in ISO 8601 with an offset, e.g. 2026-03-01T08:00:00+08:00';
}
