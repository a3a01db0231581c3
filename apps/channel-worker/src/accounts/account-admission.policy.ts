import type { AccountHealthRow } from '#entities';

/** May an account be called now? `probe`: by the one caller that claims the probe. */
export type Admission = { kind: 'go' } | { kind: 'probe' } | Wait;

/** Nobody calls the account before `ms` have passed. */
export interface Wait {
  kind: 'wait';
  ms: number;
  /** Wrongly set up: waiting does not help, an administrator does. */
  isStopped: boolean;
  /** For people, in the form of an outcome. */
  code: string;
  words: string;
  /** One recipient has had enough for now, through whatever account. */
  isOfRecipient?: true;
}

/** While somebody else's probe is under way. */
export const PROBE_UNDER_WAY_MS = 1000;

/** @param nowMs by the database's clock */
export function admissionOf(row: AccountHealthRow | undefined, nowMs: number): Admission {
  if (!row) return { kind: 'go' };
  const heard = [row.code, row.words].filter(Boolean).join(' ');
  const untilMs = (row.until_ms ?? 0) - nowMs;
  if (row.state === 'stopped' && untilMs > 0)
    return wait(untilMs, 'account_stopped', `the account waits for the administrator: ${heard}`, true);
  const parkedMs = (row.parked_until_ms ?? 0) - nowMs;
  if (parkedMs > 0) {
    const until = new Date(row.parked_until_ms ?? 0).toISOString();
    return wait(parkedMs, row.parked_reason ?? 'parked', `out of quota until ${until}`);
  }
  if (row.state === 'closed') return { kind: 'go' };
  if (untilMs <= 0) return { kind: 'probe' };
  const ms = row.state === 'half_open' ? Math.min(untilMs, PROBE_UNDER_WAY_MS) : untilMs;
  return wait(ms, 'circuit_open', `the provider is failing: ${heard}`);
}

export const wait = (ms: number, code: string, words: string, isStopped = false): Wait => ({
  kind: 'wait',
  ms,
  isStopped,
  code,
  words,
});
