const S = 1000;
const M = 60 * S;
const H = 60 * M;

/** Waits before each further try, ms, each ±20 %; after the last one the callback is a dead letter. */
export const CALLBACK_LADDER_MS = [5 * S, 30 * S, 2 * M, 10 * M, 1 * H, 4 * H, 12 * H] as const;
/** A receiver may ask for patience, but not for ever. */
const MAX_RETRY_AFTER_MS = 24 * H;

/** `delayMs` may be spread, but never below `notBeforeMs`: the receiver's own word. */
export type CallbackNext =
  { kind: 'done' } | { kind: 'retry'; delayMs: number; notBeforeMs: number } | { kind: 'dead' };

/** What one try came to: a status, or no answer at all (null). */
export interface CallbackAnswer {
  status: number | null;
  retryAfter?: string;
}

/** @param triesBefore tries before this one @param nowMs epoch, for Retry-After dates */
export function nextOf({ status, retryAfter }: CallbackAnswer, triesBefore: number, nowMs: number): CallbackNext {
  if (status !== null && status >= 200 && status < 300) return { kind: 'done' };
  const wait = CALLBACK_LADDER_MS[triesBefore];
  if (status === 410 || wait === undefined) return { kind: 'dead' };
  const notBeforeMs = Math.min(retryAfterMs(retryAfter, nowMs), MAX_RETRY_AFTER_MS);
  return { kind: 'retry', delayMs: Math.max(wait, notBeforeMs), notBeforeMs };
}

function retryAfterMs(header: string | undefined, nowMs: number): number {
  if (!header) return 0;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * S : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
