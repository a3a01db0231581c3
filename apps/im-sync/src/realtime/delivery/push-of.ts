import { IM_PERSON, type ImMessage } from '#contracts';
import type { Push, PushView } from '../protocol/client-protocol.port.js';

/** Most bytes of a text in a packet. */
const MAX_TEXT_BYTES = 65_535;

/** A message as all its readers share it; null: it has a text that no packet can carry. */
export function pushOf(message: ImMessage): Push | null {
  const { messageId, clientMsgNo, streamNo, streamSeq, setting, fromUid, channelId, channelType } = message;
  const texts = [clientMsgNo, streamNo, fromUid, channelId, message.topic];
  if (texts.some((text) => 3 * text.length > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES)) return null;
  return {
    ...{ messageId, clientMsgNo, streamNo, streamSeq, setting, fromUid, channelType },
    expire: message.expire,
    timestamp: message.timestamp,
    topic: message.topic,
    payload: Buffer.from(message.payload, 'base64'),
    noPersist: message.noPersist,
    syncOnce: message.syncOnce,
  };
}

/** What differs among the readers of a message. Of a person channel each side sees the other one. */
export class PushViews {
  private readonly ofSender: PushView;
  private readonly ofOthers: PushView;

  constructor(private readonly message: ImMessage) {
    const { fromUid, channelId, channelType, messageSeq, redDot } = message;
    this.ofSender = { channelId, messageSeq, redDot: false, dup: false };
    const seen = channelType === IM_PERSON && fromUid !== '' ? fromUid : channelId;
    this.ofOthers = { channelId: seen, messageSeq, redDot, dup: false };
  }

  of(uid: string): PushView {
    return uid === this.message.fromUid ? this.ofSender : this.ofOthers;
  }

  /** In the queue of each reader it has another number. */
  at(uid: string, messageSeq: number): PushView {
    return { ...this.of(uid), messageSeq };
  }
}
