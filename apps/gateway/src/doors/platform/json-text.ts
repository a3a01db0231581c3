/** Not given, or given without anything in it: forms send the fields that nobody filled in, too. */
export const isAbsent = (value: unknown): boolean =>
  value == null || (typeof value === 'string' && value.trim() === '');

/**
 * Text as it came in JSON; numbers count as their text. Undefined for anything else, also for a whole number that is
 * too large to have come through unrounded: it would be another person's id.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || Math.abs(value) > Number.MAX_SAFE_INTEGER) return undefined;
  return String(value);
}
