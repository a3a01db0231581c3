import type { Outcome } from './channel-provider.port.js';

export interface FetchedToken {
  token: string;
  /** For how long the vendor says it is good. */
  expiresInS: number;
}

/** Asks the vendor for a token. Throws `TokenRefusedError` with what the deliveries' outcome is then. */
export type FetchToken = () => Promise<FetchedToken>;

/** No token to be had; `outcome` is that of every delivery that needed it. */
export class TokenRefusedError extends Error {
  constructor(readonly outcome: Outcome) {
    super(outcome.words ?? outcome.code ?? outcome.class);
    this.name = 'TokenRefusedError';
  }
}

/**
 * The one keeper of the vendors' access tokens, shared by all processes: a token is fetched by one process at a time, the
 * others wait for what it gets, and a refusal is remembered for a while so that a wrong secret is not tried a thousand times.
 */
export interface TokenCustody {
  /** The token that stands, or a new one. @param key one owner at the vendor, e.g. `wecom:<digest of id and secret>` */
  current(key: string, fetch: FetchToken): Promise<string>;
  /** The vendor refused `refused`: another process's newer token, or a newly fetched one. However many ask, one fetches. */
  replace(key: string, refused: string, fetch: FetchToken): Promise<string>;
}
