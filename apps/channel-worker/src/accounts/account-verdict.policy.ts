import type { Trouble } from '#entities';
import type { Outcome } from '#providers';

/** What one send says of its account. */
export interface AccountVerdict {
  /** Deliveries of which the provider said something, good or bad. */
  worked: number;
  /** Deliveries without an answer, or with one that says that the provider is in trouble. */
  failed: number;
  /** What the failing ones heard. */
  trouble: Trouble | null;
  /** The account is wrongly set up. */
  misconfigured: Trouble | null;
  /** Nobody may call the account for so long. */
  parked: { ms: number; code: string } | null;
}

/** `rate_limited` of the whole account, without a time. */
const PARK_MS = 60_000;
/** Codes of ours that say nothing of the provider: the adapter was replaced, this process is ending. */
const NOT_THE_PROVIDERS = new Set(['provider_closed', 'aborted']);

const isOurs = ({ code }: Outcome): boolean => NOT_THE_PROVIDERS.has(code ?? '');

/** The adapter was replaced or this process is ending before the provider got anything: it is as if nobody had tried. */
export const isUnbegun = (outcome: Outcome): boolean => outcome.class === 'retry' && isOurs(outcome);

const troubleOf = (outcome: Outcome | undefined): Trouble | null =>
  outcome ? { code: outcome.code ?? outcome.class, words: outcome.words ?? '' } : null;

export function verdictOf(outcomes: readonly Outcome[]): AccountVerdict {
  const failing = outcomes.filter(
    (outcome) => (outcome.class === 'retry' || outcome.class === 'unknown_outcome') && !isOurs(outcome),
  );
  const answered = outcomes.filter(({ class: kind }) => ['ok', 'bad_recipient', 'bad_content'].includes(kind));
  // Where something of the same send went out the account is fine: what the provider refuses is that content.
  const isFine = answered.some(({ class: kind }) => kind === 'ok');
  const limits = outcomes.filter(
    ({ class: kind, isAccountWide, code }) => kind === 'rate_limited' && (isAccountWide || code === 'http_429'),
  );
  const waits = limits.map(({ retryAfterMs, code }) => ({ ms: retryAfterMs ?? PARK_MS, code: code ?? 'rate_limited' }));
  return {
    worked: answered.length,
    failed: failing.length,
    trouble: troubleOf(failing[0]),
    misconfigured: isFine ? null : troubleOf(outcomes.find(({ class: kind }) => kind === 'bad_config')),
    parked: waits.sort((one, other) => other.ms - one.ms)[0] ?? null,
  };
}
