import { randomInt } from 'node:crypto';

/** `ms` spread evenly over ±`ratio` (0.2 = ±20 %), a whole number of ms, never negative. Keeps retries of many from falling on one moment. */
export function jitterMs(ms: number, ratio: number): number {
  const spread = Math.floor(ms * ratio);
  return Math.max(0, Math.round(ms) - spread + randomInt(2 * Math.max(0, spread) + 1));
}
