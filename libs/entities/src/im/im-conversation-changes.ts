import { IM_INFO, IM_PERSON, personChannel } from '#contracts';
import type { ImOutgoing, ImPlaced } from './im-outgoing.js';

/** Red dots that a member sent in a channel that is no person channel: they are not unread to himself. */
export interface SentRedDots {
  channelKey: number;
  uid: string;
  count: number;
}

/** A person channel whose first message is being stored. `left` and `right`: as its id has them; '': nobody sent, left receives. */
export interface StartedPersonChannel {
  channelKey: number;
  left: string;
  right: string;
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

/** What messages change of conversations beside the counters of their channels. */
export interface ConversationChanges {
  started: StartedPersonChannel[];
  sent: SentRedDots[];
  named: NamedMessage[];
}

/** Of most messages nothing. @param nowMs epoch ms */
export function conversationChanges(
  messages: readonly ImOutgoing[],
  placed: readonly ImPlaced[],
  nowMs: number,
): ConversationChanges {
  const started = new Map<number, StartedPersonChannel>();
  const sent = new Map<string, SentRedDots>();
  const named: NamedMessage[] = [];
  messages.forEach((message, i) => {
    const { channelKey = null, messageSeq = 0, isNew = false, isLarge = false } = placed[i] ?? {};
    if (channelKey === null || messageSeq === 0) return;
    const { fromUid, channelId, channelType, redDot, subscribers } = message;
    if (isNew && channelType === IM_PERSON) {
      const { leftUid, rightUid } = personChannel(fromUid, channelId);
      started.set(channelKey, { channelKey, left: leftUid, right: rightUid });
    }
    if (isLarge || channelType === IM_INFO) return;
    if (subscribers) {
      const at = Math.floor(nowMs / 1000);
      named.push({ channelKey, seq: messageSeq, at, hasRedDot: redDot, fromUid, uids: subscribers });
    } else if (redDot && channelType !== IM_PERSON && fromUid !== '') {
      const key = `${channelKey} ${fromUid}`;
      sent.set(key, { channelKey, uid: fromUid, count: (sent.get(key)?.count ?? 0) + 1 });
    }
  });
  return { started: [...started.values()], sent: [...sent.values()], named };
}
