import type { Outcome } from '#providers';

/** What waits after this outcome: may another account, or a corrected one, take it earlier? Not what a vendor told to wait. */
export function waitsForAccount(outcome: Outcome): boolean {
  switch (outcome.class) {
    case 'rate_limited':
      return outcome.isAccountWide ?? false;
    case 'retry':
    case 'unknown_outcome':
      return outcome.retryAfterMs === undefined;
    default:
      return true;
  }
}
