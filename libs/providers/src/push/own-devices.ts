import type { Outcome } from '../port/channel-provider.port.js';

/**
 * Judges the refusals that say only that a token and the account do not belong together. Until the account has reached a device it is
 * the account that may be wrong; from then on it is the token, and one device of another app must not stop the account for all.
 */
export class OwnDevices {
  private hasReachedOne = false;

  /** @param isMismatch the outcome is such a refusal, of class `bad_config` */
  judge(outcome: Outcome, isMismatch: boolean): Outcome {
    if (outcome.class === 'ok') this.hasReachedOne = true;
    if (!isMismatch || !this.hasReachedOne) return outcome;
    return { ...outcome, class: 'bad_recipient', isAddressKept: true };
  }
}
