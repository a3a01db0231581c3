import { rankOf, type DeliveryStatus, type PlanMode, type SuccessState } from '#contracts';
import type { Outcome } from '#providers';

/** Waits before the second, third … try, ms; the last one repeats. Each ±20 %. */
export const RETRY_LADDER_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000] as const;
/** `rate_limited` without a time: ask again after this. */
const RATE_LIMIT_PAUSE_MS = 60_000;
const AUTH_REFRESH_PAUSE_MS = 1_000;
/** In any and smart a channel has this many tries, or this long, before the next channel starts. */
const FALLBACK_AFTER_TRIES = 3;
const FALLBACK_AFTER_MS = 60_000;

export interface DeliveryContext {
  mode: PlanMode;
  /** Tries before this one, rate-limited ones not counted. */
  triesBefore: number;
  /** Since the channel was first tried, ms. */
  elapsedMs: number;
  /** The provider cannot reach the person twice by the same reference. */
  isIdempotent: boolean;
  /** Mode smart: what proves success, and for how long it is awaited. */
  proof?: { successWhen: SuccessState; withinS: number };
  /** Without a receipt within this time another account takes its turn; absent where there is no other. */
  receiptWithinS?: number;
  /** Another account of the channel may still have its turn. */
  hasOtherAccount?: boolean;
  /** No provider was called: the outcome says why, and when to try. */
  isUntried?: boolean;
  /** Its caller waits: whatever the outcome, there is no other try, and no other channel. */
  isOnce?: boolean;
}

/**
 * What to do with one delivery after one provider call. `ask`: nobody knows yet; the delivery stays open and is tried neither
 * again nor elsewhere until the provider has been asked.
 */
export type Decision =
  | {
      kind: 'settle';
      status: Extract<DeliveryStatus, 'sent' | 'delivered'>;
      awaitProofMs: number | null;
      awaitReceiptMs: number | null;
    }
  | { kind: 'ask'; ref: string; afterMs: number; mayFallBack: false }
  | { kind: 'settle-failed'; status: Extract<DeliveryStatus, 'failed' | 'unknown'>; mayFallBack: boolean }
  | { kind: 'retry'; delayMs: number; isCounted: boolean; mayFallBack: boolean };

/** The class of the outcome decides; texts and codes never do. */
export function decide(outcome: Outcome, context: DeliveryContext): Decision {
  if (context.isOnce && outcome.class !== 'ok') {
    const status = outcome.class === 'unknown_outcome' ? 'unknown' : 'failed';
    return { kind: 'settle-failed', status, mayFallBack: false };
  }
  const hasChain = context.mode === 'any' || context.mode === 'smart';
  switch (outcome.class) {
    case 'ok': {
      const status = outcome.proves === 'delivered' ? 'delivered' : 'sent';
      const isProven = !context.proof || rankOf(context.proof.successWhen) <= rankOf(status);
      const awaitProofMs = isProven || !context.proof ? null : context.proof.withinS * 1000;
      // A proof that does not come starts the next channel: no need for another account as well.
      const withinS = status === 'sent' && awaitProofMs === null ? context.receiptWithinS : undefined;
      const awaitReceiptMs = withinS === undefined ? null : withinS * 1000;
      return { kind: 'settle', status, awaitProofMs, awaitReceiptMs };
    }
    case 'bad_recipient':
    case 'bad_content':
      return { kind: 'settle-failed', status: 'failed', mayFallBack: hasChain };
    case 'unknown_outcome':
      if (context.isIdempotent) return retry(outcome, context, hasChain);
      if (outcome.ask) return { kind: 'ask', ...outcome.ask, mayFallBack: false };
      return { kind: 'settle-failed', status: 'unknown', mayFallBack: hasChain };
    case 'rate_limited': {
      const delayMs = outcome.retryAfterMs ?? RATE_LIMIT_PAUSE_MS;
      // A try after the channel's time would come too late to be waited for.
      const isOver = context.elapsedMs + delayMs > FALLBACK_AFTER_MS;
      return { kind: 'retry', delayMs, isCounted: false, mayFallBack: hasChain && isOver };
    }
    case 'auth_refresh':
      return { ...retry(outcome, context, hasChain), delayMs: AUTH_REFRESH_PAUSE_MS };
    case 'bad_config':
      // Nothing wrong with the message: another account, or another channel, else wait for the administrator.
      if (context.isUntried)
        return { kind: 'retry', delayMs: outcome.retryAfterMs ?? 0, isCounted: false, mayFallBack: hasChain };
      // At once, but only once: the other may be unable to take it, and the account that refused it still first in order.
      if (context.hasOtherAccount) {
        const next = retry(outcome, context, hasChain);
        return context.triesBefore === 0 ? { ...next, delayMs: 0 } : next;
      }
      return { ...retry(outcome, context, hasChain), mayFallBack: hasChain };
    case 'retry':
      return retry(outcome, context, hasChain);
  }
}

function retry(outcome: Outcome, context: DeliveryContext, hasChain: boolean): Extract<Decision, { kind: 'retry' }> {
  const step = Math.min(context.triesBefore, RETRY_LADDER_MS.length - 1);
  const delayMs = Math.max(RETRY_LADDER_MS[step] ?? 0, outcome.retryAfterMs ?? 0);
  const isExhausted = context.triesBefore + 1 >= FALLBACK_AFTER_TRIES || context.elapsedMs >= FALLBACK_AFTER_MS;
  return { kind: 'retry', delayMs, isCounted: true, mayFallBack: hasChain && isExhausted };
}
