// A few callers, each with its next call as soon as the last is answered: for latencies finer than a millisecond.
import { percentiles } from './stats.mjs';

/**
 * @param {{ concurrency: number, seconds: number, call(): Promise<unknown> }} load
 * @returns {Promise<{ perSecond: number, p50: number, p99: number }>} latencies in ms; throws what a call throws
 */
export async function fixedConcurrency({ concurrency, seconds, call }) {
  const latencies = [];
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const caller = async () => {
    for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now()) {
      await call();
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const perSecond = (latencies.length / (performance.now() - startedAt)) * 1000;
  return { perSecond, ...percentiles(latencies, [50, 99]) };
}
