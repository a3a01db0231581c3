import { IM_INFO, IM_PERSON } from '#contracts';
import type { ImPermissionFacts } from '#entities';
import { REASON, type Reason } from '../protocol/reason-codes.js';

const CUSTOMER_SERVICE = 3;

/** Whether a client may send to a channel; servers may always. */
export function sendPermission(channelType: number, facts: ImPermissionFacts): Reason {
  if (channelType === CUSTOMER_SERVICE || facts.isSystem) return REASON.success;
  // Of a person the rules are his own: whom he has on his black list. A person who is banned can still be written to.
  if (channelType === IM_PERSON) return facts.isBlackListed ? REASON.blackListed : REASON.success;
  if (facts.isBanned) return REASON.banned;
  if (facts.isDisbanded) return REASON.disbanded;
  if (facts.isBlackListed) return REASON.blackListed;
  if (facts.hasWhiteList && !facts.isWhiteListed) return REASON.notWhiteListed;
  return facts.isSubscriber || channelType === IM_INFO ? REASON.success : REASON.notSubscribed;
}
