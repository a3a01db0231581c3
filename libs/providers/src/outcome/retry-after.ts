/** Longest wait a vendor may ask for; most deliveries expire before it anyway. */
const MAX_RETRY_AFTER_MS = 24 * 3600 * 1000;

/** `Retry-After` in ms from now: seconds or an HTTP date, at most a day; undefined where absent or unreadable. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  // Digits alone are seconds; Date.parse would take them for a year.
  const ms = /^\d{1,10}$/.test(text)
    ? Number(text) * 1000
    : /^[A-Z][a-z]{2}/.test(text)
      ? Date.parse(text) - nowMs
      : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
