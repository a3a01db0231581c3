import { jitterMs } from '#platform';

/**
 * Waits after the first, second … question that brought no final answer, ms; the last one repeats. Each ±10 %. The first comes a
 * minute after the send, the fifth a good three: by then a vendor that took it has it in its records.
 */
const LADDER_MS = [5_000, 15_000, 60_000, 60_000, 300_000, 1_800_000, 7_200_000] as const;
const JITTER = 0.1;

/** @param tries questions asked so far */
export function askAgainInMs(tries: number): number {
  const step = Math.min(Math.max(tries, 1), LADDER_MS.length) - 1;
  return jitterMs(LADDER_MS[step] ?? 0, JITTER);
}
