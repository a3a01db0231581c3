import { IM_INFO, IM_PERSON } from '#contracts';
import type { ImOutgoing, ImPlaced } from './im-outgoing.js';

/** Red dots that somebody sent in a channel that is no person channel: they are not unread to himself. */
export interface SentRedDots {
  channelId: string;
  channelType: number;
  uid: string;
  count: number;
}

/** A stored message that was for these only. */
export interface NamedMessage {
  channelKey: number;
  seq: number;
  /** Epoch seconds. */
  at: number;
  hasRedDot: boolean;
  fromUid: string;
  uids: readonly string[];
}

/** @param logged messages that go into the logs of their channels */
export function sentRedDotsOf(logged: readonly ImOutgoing[]): SentRedDots[] {
  const sent = new Map<string, SentRedDots>();
  for (const { storedId, channelType, fromUid, redDot, subscribers } of logged) {
    if (!redDot || subscribers || fromUid === '' || channelType === IM_PERSON || channelType === IM_INFO) continue;
    const key = `${channelType} ${storedId.length} ${storedId} ${fromUid}`;
    const known = sent.get(key);
    if (known) known.count++;
    else sent.set(key, { channelId: storedId, channelType, uid: fromUid, count: 1 });
  }
  return [...sent.values()];
}

/** Messages for some only. @param logged `placed[i]` belongs to `logged[i]` @param nowMs epoch ms */
export function namedMessagesOf(
  logged: readonly ImOutgoing[],
  placed: readonly ImPlaced[],
  nowMs: number,
): NamedMessage[] {
  const at = Math.floor(nowMs / 1000);
  return logged.flatMap(({ subscribers, channelType, redDot, fromUid }, i) => {
    const { channelKey = null, messageSeq = 0, isLarge = false } = placed[i] ?? {};
    if (!subscribers || channelKey === null || isLarge || channelType === IM_INFO) return [];
    return [{ channelKey, seq: messageSeq, at, hasRedDot: redDot, fromUid, uids: subscribers }];
  });
}
