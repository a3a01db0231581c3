import { IpAllowlist, safeEqual } from '#platform';
import type { InboundAnswer, InboundRequest } from '../port/channel-provider.port.js';

export interface CallbackSettings {
  callbackToken?: string;
  callbackIps?: string[];
}

/** An account that sets neither takes nothing: anybody could have sent it. */
export const takesCallbacks = ({ callbackToken, callbackIps = [] }: CallbackSettings): boolean =>
  callbackToken !== undefined || callbackIps.length > 0;

/**
 * SMS vendors do not sign what they push. So the address they push to holds a secret (`?token=`), or they are known by their own
 * addresses: whatever the account sets must fit.
 */
export function isFromVendor(settings: CallbackSettings, request: InboundRequest): boolean {
  if (!takesCallbacks(settings)) return false;
  const { callbackToken, callbackIps = [] } = settings;
  if (callbackToken !== undefined && !safeEqual(request.query.token ?? '', callbackToken)) return false;
  return new IpAllowlist(callbackIps).allows(request.ip);
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** An answer with no news. */
export const plainAnswer = (status: number, body: object): InboundAnswer => ({
  status,
  contentType: JSON_TYPE,
  body: JSON.stringify(body),
  news: {},
});
