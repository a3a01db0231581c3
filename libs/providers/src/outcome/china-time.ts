/** China has one time zone and no summer time. Its vendors write times and count days in it. */
const OFFSET_MS = 8 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

/** `2026-03-04 05:06:07` (or without separators) of China as a date; undefined where it is none. */
export function readChinaTime(text: unknown): Date | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = /^(\d{4})-?(\d\d)-?(\d\d)[ T]?(\d\d):?(\d\d):?(\d\d)(?:\.\d{1,9})?$/.exec(text.trim());
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The day in China, `20260304`. */
export const chinaDay = (at: Date): string =>
  new Date(at.getTime() + OFFSET_MS).toISOString().slice(0, 10).replaceAll('-', '');

/** Until the day in China ends, ms. */
export const msToNextChinaDay = (nowMs: number): number => DAY_MS - ((nowMs + OFFSET_MS) % DAY_MS);

/** Until the month in China ends, ms. */
export function msToNextChinaMonth(nowMs: number): number {
  const china = new Date(nowMs + OFFSET_MS);
  return Date.UTC(china.getUTCFullYear(), china.getUTCMonth() + 1, 1) - china.getTime();
}

/** Until the clock in China shows the hour (0–23) next, ms; never 0. */
export function msToChinaHour(nowMs: number, hour: number): number {
  const sinceMidnight = (nowMs + OFFSET_MS) % DAY_MS;
  const ahead = hour * 3600 * 1000 - sinceMidnight;
  return ahead > 0 ? ahead : ahead + DAY_MS;
}
