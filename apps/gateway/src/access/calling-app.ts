import type { ClientAppForAuth } from '#entities';
import type { CallingApp } from '../intake/accept-message.command.js';

/** A client app as the intake wants to know it. */
export const callingAppOf = (found: ClientAppForAuth): CallingApp => ({
  appId: found.app_id,
  name: found.name,
  channels: new Set(found.channels),
  features: new Set(found.features),
  ratePerSecond: found.rate_per_second,
  hasSmsQuota: found.has_sms_quota,
});
