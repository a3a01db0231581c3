import { describe, expect, it } from '@jest/globals';
import { CALLBACK_LADDER_MS, nextOf } from './callback-ladder.policy.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

describe('the callback ladder', () => {
  it.each([200, 201, 204, 299])('is done at %d', (status) => {
    expect(nextOf({ status }, 0, NOW)).toEqual({ kind: 'done' });
  });

  it.each([null, 301, 302, 400, 404, 429, 500, 503])('tries again after %p', (status) => {
    expect(nextOf({ status }, 0, NOW)).toEqual({ kind: 'retry', delayMs: 5_000, notBeforeMs: 0 });
  });

  it('climbs and ends as a dead letter', () => {
    const steps = [...CALLBACK_LADDER_MS, 0].map((_, tries) => nextOf({ status: 500 }, tries, NOW));
    expect(steps).toEqual([
      ...CALLBACK_LADDER_MS.map((delayMs) => ({ kind: 'retry', delayMs, notBeforeMs: 0 })),
      { kind: 'dead' },
    ]);
  });

  it('stops at once when the receiver is gone for good', () => {
    expect(nextOf({ status: 410 }, 0, NOW)).toEqual({ kind: 'dead' });
  });

  it.each([
    ['120', 120_000, 120_000],
    ['Thu, 01 Jan 2026 00:05:00 GMT', 300_000, 300_000],
    ['999999999', 24 * 3600_000, 24 * 3600_000],
    ['1', 5_000, 1_000],
    ['rubbish', 5_000, 0],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 5_000, 0],
  ])('honours Retry-After %s', (retryAfter, delayMs, notBeforeMs) => {
    expect(nextOf({ status: 503, retryAfter }, 0, NOW)).toEqual({ kind: 'retry', delayMs, notBeforeMs });
  });
});
