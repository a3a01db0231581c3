// Messages at times fixed beforehand, whether or not the other side keeps up: for latencies a caller would see.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { percentiles } from './stats.mjs';

/** More unanswered than this: the other side is not slow but gone, and the run ends. */
const MAX_IN_FLIGHT = 20_000;

/** Arrival times in ms from the start: exponential gaps (a Poisson process). `seed` repeats a schedule. */
export function poissonSchedule(perSecond, seconds, seed = 1) {
  const random = mulberry32(seed);
  const times = [];
  for (let at = 0; ;) {
    at += (-Math.log(1 - random()) / perSecond) * 1000;
    if (at >= seconds * 1000) return Float64Array.from(times);
    times.push(at);
  }
}

/**
 * Sends `bodyOf(i)` at `schedule[i]`. Latencies count from the scheduled time, so that a stall of the other side (or of
 * this generator: see `lag`) is charged to every message it held up.
 * @returns {Promise<{ startedAt: number, accept: object, lag: object, failed: number }>} ms; `startedAt` on the machine's monotonic clock
 */
export async function openLoop({ port, path, schedule, bodyOf }) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
  const latencies = [];
  const lags = [];
  let failed = 0;
  let inFlight = 0;
  const startedAt = monotonicMs() + 50;
  const send = async (index) => {
    inFlight++;
    try {
      const { body } = await pool.request({
        method: 'POST',
        path,
        body: bodyOf(index),
        headers: { 'content-type': 'application/json' },
      });
      const text = await body.text();
      if (!text.startsWith('{"code":0,')) failed++;
      latencies.push(monotonicMs() - startedAt - schedule[index]);
    } catch {
      failed++;
    } finally {
      inFlight--;
    }
  };
  const running = [];
  for (let next = 0; next < schedule.length;) {
    const now = monotonicMs() - startedAt;
    for (; next < schedule.length && schedule[next] <= now; next++) {
      lags.push(now - schedule[next]);
      running.push(send(next));
    }
    if (inFlight > MAX_IN_FLIGHT) throw new Error(`${inFlight} calls are unanswered`);
    if (next < schedule.length) await pause(schedule[next] - (monotonicMs() - startedAt));
  }
  await Promise.all(running);
  await pool.close();
  return { startedAt, accept: percentiles(latencies, [50, 99]), lag: percentiles(lags, [50, 99]), failed };
}

/** Timers come a millisecond late: short waits give the turn away instead. */
const pause = (ms) => (ms > 2 ? sleep(ms - 1) : new Promise((resolve) => setImmediate(resolve)));

/** One clock for every process of the machine. */
export const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;

/** A small seeded generator: repeatable runs are worth more here than unpredictable ones. */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
