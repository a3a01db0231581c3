import { randomInt } from 'node:crypto';
import { jitterMs } from '#platform';

const JITTER = 0.2;
/** Longest that what waits for a moment comes after it, ms: a quota that opens at midnight is not left alone until morning. */
const LONGEST_SPREAD_MS = 60_000;

export interface WaitTime {
  delayMs: number;
  /** As the other side asked for; 0: it did not. */
  notBeforeMs: number;
  /** Without jitter. */
  isExact: boolean;
}

/** When what waits is due, ms from now: spread, so that not everything comes back at the same moment. */
export function dueInMs({ delayMs, notBeforeMs, isExact }: WaitTime): number {
  if (isExact) return delayMs;
  if (notBeforeMs < delayMs) return Math.max(jitterMs(delayMs, JITTER), notBeforeMs);
  const spread = Math.min(Math.floor(notBeforeMs * JITTER), LONGEST_SPREAD_MS);
  return Math.round(notBeforeMs) + randomInt(spread + 1);
}
