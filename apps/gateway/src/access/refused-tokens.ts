import { sha256 } from '#platform';

const MAX_KEPT = 10_000;

/**
 * Tokens that open nothing, as digests. Whoever comes with the same one again learns nothing by it: that is no guess, but a program
 * with an expired token, which is to hear so, and not to use up the guesses of everybody behind its address.
 */
export class RefusedTokens {
  private readonly digests = new Set<string>();

  has(token: string): boolean {
    return this.digests.has(digestOf(token));
  }

  add(token: string): void {
    if (this.digests.size >= MAX_KEPT) this.digests.clear();
    this.digests.add(digestOf(token));
  }
}

const digestOf = (token: string): string => sha256(token).toString('base64url');
