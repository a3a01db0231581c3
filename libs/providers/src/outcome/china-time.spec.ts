import { describe, expect, it } from '@jest/globals';
import { chinaDay, msToChinaHour, msToNextChinaDay, msToNextChinaMonth, readChinaTime } from './china-time.js';

const HOUR_MS = 3_600_000;

describe('times of vendors in China', () => {
  it.each([
    ['2026-03-04 05:06:07', '2026-03-03T21:06:07.000Z'],
    ['20260304050607', '2026-03-03T21:06:07.000Z'],
    ['2026-03-04T05:06:07.123', '2026-03-03T21:06:07.000Z'],
  ])('%s is %s', (text, iso) => expect(readChinaTime(text)?.toISOString()).toBe(iso));

  it.each(['', '2026-13-40 99:99:99', 'yesterday', '2026-03-04', 5, null, undefined, '9'.repeat(100_000)])(
    'is not %j',
    (text) => expect(readChinaTime(text)).toBeUndefined(),
  );

  it('counts days as China does', () => {
    expect(chinaDay(new Date('2026-03-03T15:59:59Z'))).toBe('20260303');
    expect(chinaDay(new Date('2026-03-03T16:00:00Z'))).toBe('20260304');
    expect(msToNextChinaDay(Date.parse('2026-03-03T15:00:00Z'))).toBe(HOUR_MS);
    expect(msToNextChinaDay(Date.parse('2026-03-03T15:59:59.999Z'))).toBe(1);
    expect(msToNextChinaDay(Date.parse('2026-03-03T16:00:00Z'))).toBe(24 * HOUR_MS);
  });

  it('counts months as China does', () => {
    expect(msToNextChinaMonth(Date.parse('2026-03-31T15:00:00Z'))).toBe(HOUR_MS);
    expect(msToNextChinaMonth(Date.parse('2026-12-31T16:00:00Z'))).toBe(31 * 24 * HOUR_MS);
  });

  it('waits for the hour of China that comes next', () => {
    expect(msToChinaHour(Date.parse('2026-03-03T22:00:00Z'), 8)).toBe(2 * HOUR_MS);
    expect(msToChinaHour(Date.parse('2026-03-04T00:00:00Z'), 8)).toBe(24 * HOUR_MS);
    expect(msToChinaHour(Date.parse('2026-03-04T15:00:00Z'), 8)).toBe(9 * HOUR_MS);
  });
});
