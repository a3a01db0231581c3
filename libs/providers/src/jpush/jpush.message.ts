import type { OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { keptForS, textDataOf } from '../push/app-data.js';
import { fitMessage } from '../push/fit-message.js';
import { pushMessageOf, type PushMessage } from '../push/push-message.js';

/** iOS takes less of a notification than Android, and a call may be for both. */
const MAX_NOTIFICATION = 2000;
const MAX_MESSAGE = 4000;
const MAX_KEPT_S = 10 * 86_400;

/** What a call says, whoever it is for: `notification` or `message`, and `options`. @param ref only where it is for one device */
export type JpushCall = (ref: string | undefined) => Record<string, unknown>;

/** @returns the outcome of what cannot be said within JPush's limits */
export function jpushCall(delivery: OutboundDelivery): JpushCall | { outcome: Outcome } {
  const message = pushMessageOf(delivery.content);
  const limit = message.kind === 'notification' ? MAX_NOTIFICATION : MAX_MESSAGE;
  const fitted = fitMessage(message, limit, (shortened) => JSON.stringify(partsOf(shortened, delivery.ref)));
  if ('outcome' in fitted) return fitted;
  const keptS = keptForS(delivery, MAX_KEPT_S);
  const options = {
    apns_production: !(delivery.device?.isTest ?? false),
    ...(keptS !== undefined && { time_to_live: keptS }),
    ...(delivery.replaces !== undefined && { apns_collapse_id: delivery.replaces }),
  };
  return (ref) => ({ platform: 'all', ...partsOf(fitted.message, ref), options });
}

function partsOf(message: PushMessage, ref: string | undefined): Record<string, unknown> {
  const { kind, title, body, custom, url } = message;
  if (kind !== 'notification') {
    const content = custom ?? body ?? '';
    const added = { kind, ...(url !== undefined && { url }) };
    return {
      message: {
        msg_content: typeof content === 'string' ? content : JSON.stringify(content),
        content_type: typeof content === 'string' ? 'text' : 'json',
        extras: textDataOf(added, ref),
      },
    };
  }
  const extras = textDataOf(message, ref);
  const alert = body ?? title ?? '';
  return {
    notification: {
      android: { alert, ...(title && { title }), extras },
      ios: { alert: title && body ? { title, body } : alert, sound: 'default', extras },
    },
  };
}
