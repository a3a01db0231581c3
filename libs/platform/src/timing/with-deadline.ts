/**
 * Aborts when the signal does, and at the latest after `ms`. Node 20 collects a timeout that only `AbortSignal.any` knows: its
 * time would never come. A listener keeps it until then.
 */
export function withDeadline(signal: AbortSignal, ms: number): AbortSignal {
  const timeout = AbortSignal.timeout(ms);
  const either = AbortSignal.any([signal, timeout]);
  timeout.addEventListener('abort', () => void either, { once: true });
  return either;
}
