import { randomInt } from 'node:crypto';
import type { Wait } from '../accounts/account-admission.policy.js';
import type { DoneDelivery } from './done-delivery.js';
import type { Outgoing } from './outgoing.js';

/** What waits for an account comes back spread over a part of the wait, not all at the moment it is well again. */
const SPREAD_RATIO = 0.25;
const LEAST_SPREAD_MS = 1_000;
const LONGEST_SPREAD_MS = 60_000;

/** Not tried, due again as it was. Deliveries of one piece of work stay together, the pieces are spread over `spreadMs`. */
export function putBack(items: readonly Outgoing[], ms: number, spreadMs: number): DoneDelivery[] {
  const delays = delaysOf(items, ms, spreadMs);
  return items.map(({ delivery }, at) => ({ delivery, ending: 'put-back', delayMs: delays[at] ?? ms }));
}

/**
 * No account may be called. A delivery whose message knows another channel may go there, and one whose caller waits fails: that
 * is decided as of an outcome, though nobody was called. One that went out already waits in any case.
 * @param spreadMs each piece of work waits up to so much longer
 */
export function putOff(
  items: readonly Outgoing[],
  { ms, isStopped, code, words, isOfRecipient }: Wait,
  spreadMs = spreadOf(ms),
): DoneDelivery[] {
  const forAccount = isOfRecipient ? {} : { waitsForAccount: true as const };
  const limit = isOfRecipient ? {} : { isAccountWide: true as const };
  const delays = delaysOf(items, ms, spreadMs);
  return items.map(({ delivery, message, isAgain }, at): DoneDelivery => {
    const delayMs = delays[at] ?? ms;
    const isDecided = message.is_once || message.mode === 'any' || message.mode === 'smart';
    if (isAgain || !isDecided) return { delivery, ending: 'put-back', delayMs, ...forAccount };
    return {
      delivery,
      message,
      account: null,
      outcome: { class: isStopped ? 'bad_config' : 'rate_limited', code, words, retryAfterMs: delayMs, ...limit },
      startedAt: Date.now(),
      isUntried: true,
    };
  });
}

const spreadOf = (ms: number): number =>
  Math.min(Math.max(LEAST_SPREAD_MS, Math.floor(ms * SPREAD_RATIO)), LONGEST_SPREAD_MS);

function delaysOf(items: readonly Outgoing[], ms: number, spreadMs: number): number[] {
  const ofWork = new Map<number, number>();
  return items.map(({ delivery: { work_id: workId } }) => {
    const delay = ofWork.get(workId) ?? Math.round(ms) + (spreadMs > 0 ? randomInt(spreadMs) : 0);
    ofWork.set(workId, delay);
    return delay;
  });
}
