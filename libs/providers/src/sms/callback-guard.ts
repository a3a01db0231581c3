import { IpAllowlist, safeEqual } from '#platform';
import type { InboundAnswer, InboundRequest } from '../port/channel-provider.port.js';

export interface CallbackSettings {
  callbackToken?: string;
  callbackIps?: string[];
}

/**
 * SMS vendors do not sign what they push. So the address they push to holds a secret (`?token=`), or they are known by their own
 * addresses: whatever the account sets must fit, and an account that sets neither takes nothing.
 */
export function isFromVendor({ callbackToken, callbackIps = [] }: CallbackSettings, request: InboundRequest): boolean {
  if (callbackToken === undefined && callbackIps.length === 0) return false;
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
