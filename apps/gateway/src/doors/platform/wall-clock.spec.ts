import { describe, expect, it } from '@jest/globals';
import { WallClock } from './wall-clock.js';

const clockOf = (zone: string): WallClock => new WallClock({ TZ_PLATFORM: zone });
const read = (zone: string, written: string): string | null => {
  const time = clockOf(zone).parse(written);
  return time === null ? null : new Date(time).toISOString();
};

describe('the clock of the platform door', () => {
  it.each([
    ['Asia/Shanghai', '2026-01-05 08:00:00', '2026-01-05T00:00:00.000Z'],
    ['Asia/Shanghai', '2028-02-29 00:00:00', '2028-02-28T16:00:00.000Z'],
    ['UTC', '2026-12-31 23:59:59', '2026-12-31T23:59:59.000Z'],
    ['Asia/Kathmandu', '2026-01-05 05:45:00', '2026-01-05T00:00:00.000Z'],
    ['Asia/Shanghai', '9999-12-31 23:59:59', '9999-12-31T15:59:59.000Z'],
    ['America/New_York', '9999-12-31 23:59:59', '+010000-01-01T04:59:59.000Z'],
    ['UTC', '0000-01-01 00:00:00', '0000-01-01T00:00:00.000Z'],
    ['America/New_York', '2026-07-01 00:00:00', '2026-07-01T04:00:00.000Z'],
    ['America/New_York', '2026-01-01 00:00:00', '2026-01-01T05:00:00.000Z'],
    // the hour that comes twice, and the one that does not come
    ['Europe/Berlin', '2026-10-25 02:30:00', '2026-10-25T00:30:00.000Z'],
    ['Europe/Berlin', '2026-03-29 02:30:00', '2026-03-29T01:30:00.000Z'],
  ])('in %s reads %s as %s', (zone, written, iso) => {
    expect(read(zone, written)).toBe(iso);
  });

  it.each([
    '2026-02-30 00:00:00',
    '2026-13-01 00:00:00',
    '2026-01-05 24:00:00',
    '2026-01-05 08:60:00',
    '2026-01-05T08:00:00',
    '2026-01-05 08:00',
    '2026-1-5 8:00:00',
    ' 2026-01-05 08:00:00',
    '',
  ])('refuses %j', (written) => {
    expect(read('Asia/Shanghai', written)).toBeNull();
  });

  it('writes midnight as 00, not 24', () => {
    const midnight = new Date('2026-01-04T16:00:00Z');
    expect(clockOf('Asia/Shanghai').seconds(midnight)).toBe('2026-01-05 00:00:00');
    expect(clockOf('Asia/Shanghai').minutes(midnight)).toBe('2026-01-05 00:00');
  });
});
