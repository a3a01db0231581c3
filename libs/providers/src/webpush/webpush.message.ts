import webpush, { type RequestDetails } from 'web-push';
import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { keptForS } from '../push/app-data.js';
import { fitMessage } from '../push/fit-message.js';
import { pushMessageOf } from '../push/push-message.js';
import type { WebpushSettings } from './webpush.settings.js';

/** What is left of a body of 4,096 bytes after encryption. */
const MAX_PLAINTEXT = 3993;
const MAX_TTL_S = 2_419_200;

const NO_SUBSCRIPTION: Outcome = {
  class: 'bad_recipient',
  code: 'no_subscription',
  words: 'the device was registered without a usable subscription: register it again with that of its browser',
  isAddressKept: true,
};

/**
 * The encrypted request for one browser. Its service worker gets JSON, the same that MQTT devices get:
 * `{ref, kind, title?, body?, custom?, url?, sentAt}`.
 */
export function webpushRequest(
  delivery: OutboundDelivery,
  { publicKey, privateKey, subject, ttlS }: WebpushSettings,
): RequestDetails | { outcome: Outcome } {
  const subscription = delivery.device?.subscription;
  if (!subscription) return { outcome: NO_SUBSCRIPTION };
  const sentAt = new Date().toISOString();
  const fitted = fitMessage(pushMessageOf(delivery.content), MAX_PLAINTEXT, (message) =>
    JSON.stringify({ ref: delivery.ref, ...message, sentAt }),
  );
  if ('outcome' in fitted) return fitted;
  try {
    return webpush.generateRequestDetails(subscription, fitted.body, {
      vapidDetails: { subject, publicKey, privateKey },
      contentEncoding: 'aes128gcm',
      TTL: keptForS(delivery, MAX_TTL_S) ?? ttlS,
      urgency: fitted.message.kind === 'config' ? 'low' : 'high',
      ...(delivery.replaces !== undefined && { topic: delivery.replaces }),
    });
  } catch {
    // Everything else was checked before: its keys are no point of the curve, or too short.
    return { outcome: NO_SUBSCRIPTION };
  }
}
