import { describe, expect, it } from '@jest/globals';
import { jitterMs } from './jitter.js';

describe('jitterMs', () => {
  it('spreads over the whole band and never leaves it', () => {
    const values = Array.from({ length: 5_000 }, () => jitterMs(1_000, 0.2));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...values)).toBeLessThanOrEqual(1_200);
    expect(Math.min(...values)).toBeLessThan(830);
    expect(Math.max(...values)).toBeGreaterThan(1_170);
    expect(values.every(Number.isInteger)).toBe(true);
  });

  it('answers whole numbers that are never negative, for edges too', () => {
    expect(jitterMs(1_000, 0)).toBe(1_000);
    expect(jitterMs(0, 0.5)).toBe(0);
    expect(jitterMs(1.4, 0)).toBe(1);
    for (let i = 0; i < 500; i += 1) expect(jitterMs(10, 2)).toBeGreaterThanOrEqual(0);
  });
});
