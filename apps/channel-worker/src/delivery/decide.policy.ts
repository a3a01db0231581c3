import type { DeliveryStatus, PlanMode, SuccessState } from '#contracts';
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
}

/** What to do with one delivery after one provider call. */
export type Decision =
  | { kind: 'settle'; status: Extract<DeliveryStatus, 'sent' | 'delivered'>; awaitProofMs: number | null }
  | { kind: 'settle-failed'; status: Extract<DeliveryStatus, 'failed' | 'unknown'>; mayFallBack: boolean }
  | { kind: 'retry'; delayMs: number; isCounted: boolean; mayFallBack: boolean };

const PROOF_RANK: Record<SuccessState, number> = { sent: 2, delivered: 4, read: 5 };

/** The class of the outcome decides; texts and codes never do. */
export function decide(outcome: Outcome, context: DeliveryContext): Decision {
  const hasChain = context.mode === 'any' || context.mode === 'smart';
  switch (outcome.class) {
    case 'ok': {
      const status = outcome.proves === 'delivered' ? 'delivered' : 'sent';
      const isProven = !context.proof || PROOF_RANK[context.proof.successWhen] <= PROOF_RANK[status];
      return { kind: 'settle', status, awaitProofMs: isProven || !context.proof ? null : context.proof.withinS * 1000 };
    }
    case 'bad_recipient':
    case 'bad_content':
      return { kind: 'settle-failed', status: 'failed', mayFallBack: hasChain };
    case 'unknown_outcome':
      if (context.isIdempotent) return retry(outcome, context, hasChain);
      return { kind: 'settle-failed', status: 'unknown', mayFallBack: hasChain };
    case 'rate_limited':
      return {
        kind: 'retry',
        delayMs: outcome.retryAfterMs ?? RATE_LIMIT_PAUSE_MS,
        isCounted: false,
        mayFallBack: hasChain && context.elapsedMs >= FALLBACK_AFTER_MS,
      };
    case 'auth_refresh':
      return { ...retry(outcome, context, hasChain), delayMs: AUTH_REFRESH_PAUSE_MS };
    case 'bad_config':
      // Nothing wrong with the message: another channel at once, else wait for the administrator.
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
