import { imMessageJson, type ImDelivery } from '#contracts';
import type { ImTelling } from '#entities';
import { pushTextOf } from './offline-push.policy.js';

/** Who is there to be told. */
export interface Listeners {
  hasWebhook: boolean;
  wantsPush: boolean;
}

/**
 * What is to be told of messages. The webhook hears of each, unless it is neither stored nor to be seen more than once (somebody
 * is typing); and of those that wait for whoever is offline, for whom.
 */
export function tellingsOf(deliveries: readonly ImDelivery[], { hasWebhook, wantsPush }: Listeners): ImTelling[] {
  return deliveries.flatMap(({ message, recipients, channelKey }) => {
    const event = hasWebhook && !(message.noPersist && message.syncOnce) ? 'msg.notify' : null;
    const wantsOffline = hasWebhook && !message.noPersist && message.streamSeq === 0;
    const pushText = wantsPush ? pushTextOf(message) : null;
    if (event === null && !wantsOffline && pushText === null) return [];
    const body = hasWebhook ? imMessageJson(message) : '';
    return [{ body, event, wantsOffline, pushText, fromUid: message.fromUid, channelKey, uids: recipients }];
  });
}
