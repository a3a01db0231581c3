import { sha256 } from '#platform';
import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { appDataOf, keptForS } from '../push/app-data.js';
import { fitMessage } from '../push/fit-message.js';
import { pushMessageOf, type PushMessage } from '../push/push-message.js';

const MAX_PAYLOAD = 4096;
const MAX_KEPT_S = 30 * 86_400;

export interface ApnsRequest {
  /** Without those of the account. */
  headers: Record<string, string>;
  body: string;
}

/** What is shown is an alert; everything else wakes the app in the background, as iOS sees fit. */
export function apnsRequest(delivery: OutboundDelivery): ApnsRequest | { outcome: Outcome } {
  const { ref, address, replaces } = delivery;
  const fitted = fitMessage(pushMessageOf(delivery.content), MAX_PAYLOAD, (message) =>
    JSON.stringify(payloadOf(message, ref)),
  );
  if ('outcome' in fitted) return fitted;
  const isAlert = fitted.message.kind === 'notification';
  const keptS = keptForS(delivery, MAX_KEPT_S);
  // Without a name of its own, of a repetition after a lost answer the person sees one.
  const collapseId = replaces ?? (isAlert ? ref : undefined);
  return {
    body: fitted.body,
    headers: {
      'apns-id': apnsIdOf(ref, address),
      'apns-push-type': isAlert ? 'alert' : 'background',
      'apns-priority': isAlert ? '10' : '5',
      ...(keptS !== undefined && { 'apns-expiration': String(Math.floor(Date.now() / 1000) + keptS) }),
      ...(collapseId !== undefined && { 'apns-collapse-id': collapseId }),
    },
  };
}

function payloadOf(message: PushMessage, ref: string): object {
  const { kind, title, body } = message;
  const alert = { ...(title && { title }), ...(body && { body }) };
  return {
    aps: kind === 'notification' ? { alert, sound: 'default' } : { 'content-available': 1 },
    ...appDataOf(message, ref),
  };
}

/** The same for every try of one delivery to one device: a UUID of version 8. */
export function apnsIdOf(ref: string, token: string): string {
  const bytes = sha256(`${ref}\n${token}`).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
