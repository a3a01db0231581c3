import type { Outcome } from '../port/channel-provider.port.js';
import type { StoredToken } from '../port/token-store.port.js';

/** A token is renewed this long before its end, or in the last tenth of a short life. */
const EARLY_MS = 5 * 60_000;
/** A vendor that goes on refusing what it gives is asked for a new token no more often than this. */
export const FORCED_EVERY_MS = 30_000;
const REMEMBERED_MS = 30_000;
const REMEMBERED_BAD_CONFIG_MS = 5 * 60_000;
const REMEMBERED_AT_MOST_MS = 3600_000;

/**
 * What is to be done about a key. `onlyOf`: a refusal for those who bring this very token back. `usable`: the token that may
 * still be used where a new one is not to be had.
 */
export type TokenJudgement =
  | { kind: 'use'; token: string; forMs: number }
  | { kind: 'refuse'; outcome: Outcome; forMs: number; onlyOf?: string }
  | { kind: 'fetch'; usable: { token: string; leftMs: number } | null };

/** How long before its end a token with this life is renewed. */
export const earlyMs = (lifeMs: number): number => Math.min(EARLY_MS, lifeMs / 10);

/**
 * @param token the stored one, opened; null: there is none that this process can read
 * @param refused the token of which the vendor said that it is no good, if it did
 */
export function judgeToken(stored: StoredToken, token: string | null, refused: string | null): TokenJudgement {
  const { leftMs, lifeMs, forcedAgoMs, refusedLeftMs } = stored;
  const usable = token !== null && token !== refused && leftMs > 0 ? { token, leftMs } : null;
  const early = earlyMs(lifeMs);
  if (usable && leftMs > early) return { kind: 'use', token: usable.token, forMs: leftMs - early };
  if (refusedLeftMs > 0 && stored.refused) {
    return usable
      ? { kind: 'use', token: usable.token, forMs: Math.min(leftMs, refusedLeftMs) }
      : { kind: 'refuse', outcome: rememberedOutcome(stored.refused, refusedLeftMs), forMs: refusedLeftMs };
  }
  if (token !== null && token === refused && forcedAgoMs !== null && forcedAgoMs < FORCED_EVERY_MS)
    return refusedAgain(token, FORCED_EVERY_MS - forcedAgoMs);
  return { kind: 'fetch', usable };
}

/** The vendor refuses the very token it gave when it was asked for another one. */
export const refusedAgain = (token: string, forMs: number): Extract<TokenJudgement, { kind: 'refuse' }> => ({
  kind: 'refuse',
  onlyOf: token,
  outcome: {
    class: 'retry',
    code: 'token_refused',
    words: 'the vendor refuses the token that it gave a moment ago',
    retryAfterMs: forMs,
  },
  forMs,
});

/** For how long nobody is to ask again after this refusal. */
export const rememberedMs = ({ class: name, retryAfterMs = 0 }: Outcome): number =>
  name === 'bad_config'
    ? REMEMBERED_BAD_CONFIG_MS
    : Math.min(Math.max(REMEMBERED_MS, retryAfterMs), REMEMBERED_AT_MOST_MS);

/** A refusal as it is answered later: what may be tried again, not before the vendor is asked again. */
function rememberedOutcome(stored: Record<string, unknown>, leftMs: number): Outcome {
  const outcome = stored as unknown as Outcome;
  return outcome.class === 'retry' || outcome.class === 'rate_limited'
    ? { ...outcome, retryAfterMs: Math.ceil(leftMs) }
    : outcome;
}
