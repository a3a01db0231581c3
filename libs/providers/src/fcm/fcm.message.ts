import type { DevicePlatform } from '#contracts';
import type { OutboundDelivery } from '../port/channel-provider.port.js';
import { keptForS, textDataOf } from '../push/app-data.js';
import { fitMessage, type Fitted } from '../push/fit-message.js';
import { pushMessageOf, type PushMessage } from '../push/push-message.js';

/** Of notification and data together. */
const MAX_PAYLOAD = 4096;
/** Four weeks. */
const MAX_TTL_S = 2_419_200;

/** The request for one device: what is shown as `notification`, everything for the program as `data`. */
export function fcmBody(delivery: OutboundDelivery): { body: string } | Exclude<Fitted, { body: string }> {
  const fitted = fitMessage(pushMessageOf(delivery.content), MAX_PAYLOAD, (message) =>
    JSON.stringify(payloadOf(message, delivery.ref)),
  );
  if ('outcome' in fitted) return fitted;
  const { message } = fitted;
  const request = {
    message: { token: delivery.address, ...payloadOf(message, delivery.ref), ...platformPartsOf(message, delivery) },
  };
  return { body: JSON.stringify(request) };
}

function payloadOf(message: PushMessage, ref: string): object {
  const { kind, title, body } = message;
  return {
    ...(kind === 'notification' && { notification: { ...(title && { title }), ...(body && { body }) } }),
    data: textDataOf(message, ref),
  };
}

/** How each system is to treat it: a device has one, but a token does not say which. */
function platformPartsOf(message: PushMessage, delivery: OutboundDelivery): object {
  const isQuiet = message.kind !== 'notification';
  const { ref, replaces } = delivery;
  const ttlS = keptForS(delivery, MAX_TTL_S);
  // Without a name of its own, of a repetition after a lost answer the person sees one.
  const collapseId = replaces ?? (isQuiet ? undefined : ref);
  const parts: Record<'android' | 'apns' | 'webpush', object> = {
    android: {
      priority: message.kind === 'config' ? 'NORMAL' : 'HIGH',
      ...(ttlS !== undefined && { ttl: `${ttlS}s` }),
      ...(replaces !== undefined && { collapse_key: replaces }),
      ...(!isQuiet && { notification: { tag: ref } }),
    },
    apns: {
      headers: {
        'apns-push-type': isQuiet ? 'background' : 'alert',
        'apns-priority': isQuiet ? '5' : '10',
        ...(ttlS !== undefined && { 'apns-expiration': String(Math.floor(Date.now() / 1000) + ttlS) }),
        ...(collapseId !== undefined && { 'apns-collapse-id': collapseId }),
      },
      payload: { aps: isQuiet ? { 'content-available': 1 } : { sound: 'default' } },
    },
    webpush: {
      headers: {
        Urgency: message.kind === 'config' ? 'low' : 'high',
        ...(ttlS !== undefined && { TTL: String(ttlS) }),
        ...(replaces !== undefined && { Topic: replaces }),
      },
      ...(!isQuiet && message.url?.startsWith('https://') && { fcm_options: { link: message.url } }),
    },
  };
  const wanted = PART_OF[delivery.device?.platform ?? 'any'];
  return Object.fromEntries(wanted.map((name) => [name, parts[name]]));
}

const PART_OF: Record<DevicePlatform | 'any', readonly ('android' | 'apns' | 'webpush')[]> = {
  android: ['android'],
  harmony: ['android'],
  ios: ['apns'],
  web: ['webpush'],
  any: ['android', 'apns'],
};
