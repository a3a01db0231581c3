import type { DeliveryStatus } from '#contracts';
import type { DeadAddress, DueDelivery, MessageForSending } from '#entities';
import type { Outcome } from '#providers';
import type { OpenAccount } from '../accounts/accounts.service.js';

/** A delivery that is through: with an outcome, or ended or put off before any call. */
export type DoneDelivery =
  | { delivery: DueDelivery; ending: Extract<DeliveryStatus, 'cancelled' | 'expired' | 'skipped'> }
  /** A config push that a newer one of its app, tag and device made pointless. */
  | { delivery: DueDelivery; ending: 'replaced' }
  /** Not tried, nothing counted: due again after `delayMs`, as it was. */
  | { delivery: DueDelivery; ending: 'put-back'; delayMs: number; waitsForAccount?: true }
  | {
      delivery: DueDelivery;
      message: MessageForSending;
      account: OpenAccount | null;
      outcome: Outcome;
      startedAt: number;
      /** No provider was called, so there is no attempt: the outcome says why, and when to try. */
      isUntried?: true;
      /** Another account of the channel may still have its turn. */
      hasOtherAccount?: true;
      /** Where it went, of a delivery to several devices. */
      address?: string;
      /** Channel `push`: tokens that a provider called dead. */
      deadTokens?: DeadAddress[];
    };
