/** A stored secret and the additional data it was sealed with. */
export interface SealedSecret {
  sealed: Buffer;
  place: string;
}

/**
 * Where libs/platform, which knows the keys but not the tables, finds stored secrets to try a key on. An abstract class so that
 * it can be injected; libs/entities fills it.
 */
export abstract class SealedSecrets {
  /** The newest ones of each kind, in no order. */
  abstract newest(): Promise<SealedSecret[]>;
}
