import { describe, expect, it } from '@jest/globals';
import { dueInMs, type WaitTime } from './due-in.policy.js';

const HOUR = 3_600_000;
const draws = (wait: Partial<WaitTime>): number[] =>
  Array.from({ length: 2000 }, () => dueInMs({ delayMs: 0, notBeforeMs: 0, isExact: false, ...wait }));

describe('what waits is due', () => {
  it('around its delay', () => {
    const due = draws({ delayMs: 10_000 });
    expect(Math.min(...due)).toBeGreaterThanOrEqual(8_000);
    expect(Math.max(...due)).toBeLessThanOrEqual(12_000);
    expect(new Set(due).size).toBeGreaterThan(100);
  });

  it('never before the other side wants it, and soon after, however far away that is', () => {
    for (const notBeforeMs of [5_000, 17 * HOUR, 31 * 24 * HOUR]) {
      const due = draws({ delayMs: notBeforeMs, notBeforeMs });
      expect(Math.min(...due)).toBeGreaterThanOrEqual(notBeforeMs);
      expect(Math.max(...due)).toBeLessThanOrEqual(notBeforeMs + Math.min(60_000, notBeforeMs * 0.2));
      expect(new Set(due).size).toBeGreaterThan(100);
    }
  });

  it('around the longer one of the two', () => {
    const due = draws({ delayMs: 10_000, notBeforeMs: 9_000 });
    expect(Math.min(...due)).toBeGreaterThanOrEqual(9_000);
    expect(Math.max(...due)).toBeGreaterThan(10_500);
  });

  it('exactly where it has its own spread already', () => {
    expect(new Set(draws({ delayMs: 10_000, notBeforeMs: 9_000, isExact: true }))).toEqual(new Set([10_000]));
  });
});
