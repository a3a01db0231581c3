/** What is kept under a key; all times are measured by one clock that all processes share. */
export interface StoredToken {
  /** Sealed; null: none was fetched yet. */
  token: Buffer | null;
  /** Until it expires; negative: it has. */
  leftMs: number;
  /** From its fetching to its expiry. */
  lifeMs: number;
  /** Outcome of the last refused fetch. */
  refused: Record<string, unknown> | null;
  /** For how long the refusal is still to be answered; 0 or less: no longer. */
  refusedLeftMs: number;
  /** Since it was last fetched because the vendor refused the one before; null: never. */
  forcedAgoMs: number | null;
}

/** What a fetch brought: a new token, or a refusal and for how long nobody is to ask again. */
export type TokenChange = { token: Buffer; expiresInS: number; isForced: boolean } | { refused: object; forMs: number };

/** Where all processes together keep the vendors' tokens. */
export interface TokenStore {
  find(key: string): Promise<StoredToken | null>;
  /**
   * Runs `body` while nobody else, in any process, holds the key; what it writes stands when it ends well.
   * @param isPatient false: answers null at once where somebody else holds it
   */
  hold<T>(
    key: string,
    isPatient: boolean,
    body: (stored: StoredToken, write: (change: TokenChange) => Promise<void>) => Promise<T>,
  ): Promise<T | null>;
}
