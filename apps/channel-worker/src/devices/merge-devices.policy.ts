import type { OutcomeClass } from '#contracts';
import type { DeadAddress } from '#entities';
import type { Outcome } from '#providers';
import type { DoneDelivery } from '../delivery/done-delivery.js';

/** A delivery with the outcome of one of its devices. */
export type DoneDevice = Extract<DoneDelivery, { outcome: Outcome }>;

/**
 * What speaks for the person where his devices fare differently: that one took it; else that one may take it later; else what
 * leaves most hope.
 */
const BEST_FIRST: readonly OutcomeClass[] = [
  'ok',
  'retry',
  'rate_limited',
  'auth_refresh',
  'unknown_outcome',
  'bad_config',
  'bad_content',
  'bad_recipient',
];

/** Of equal outcomes the one that proves more, or stands in the ledger, goes first. */
const rankOf = ({ outcome, isUntried }: DoneDevice): number =>
  BEST_FIRST.indexOf(outcome.class) - (outcome.proves ? 0.5 : 0) + (isUntried ? 0.5 : 0);

/** Tokens that a provider called dead. */
const deadTokenOf = ({ outcome, account, address, delivery }: DoneDevice): DeadAddress[] =>
  account && outcome.class === 'bad_recipient' && !outcome.isAddressKept
    ? [
        {
          channel: 'push',
          account: '',
          address: address ?? delivery.address,
          reason: outcome.code ?? outcome.class,
          ...(outcome.deadSince ? { asOf: outcome.deadSince.toISOString() } : {}),
        },
      ]
    : [];

/** Time that is waited for a device whose turn did not come, where another device's outcome is there already. */
const asOutcome = (item: DoneDelivery, known: DoneDevice): DoneDevice[] => {
  if (!('ending' in item)) return [item];
  if (item.ending !== 'put-back') return [];
  const outcome: Outcome = { class: 'rate_limited', code: 'put_back', retryAfterMs: item.delayMs };
  return [{ ...known, account: null, outcome, isUntried: true as const }];
};

/** One delivery out of those to its devices; of several that are equally good the first one speaks. `items` is not empty. */
export function mergeDevices(items: readonly [DoneDelivery, ...DoneDelivery[]]): DoneDelivery {
  const known = items.find((item): item is DoneDevice => 'outcome' in item);
  if (!known || (items.length === 1 && known.outcome.class === 'ok')) return items[0];
  const devices = items.flatMap((item) => asOutcome(item, known));
  const best = devices.reduce((first, other) => (rankOf(other) < rankOf(first) ? other : first), known);
  const deadTokens = devices.flatMap(deadTokenOf);
  return deadTokens.length > 0 ? { ...best, deadTokens } : best;
}
