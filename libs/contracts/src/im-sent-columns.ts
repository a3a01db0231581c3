import { imFlags, imFlagsOf } from './im-send-columns.js';
import { IM_QUEUED, MAX_IM_PUSH_BYTES, MAX_IM_SENT, ImSentV1 } from './im-live.js';
import type { ImDelivery } from './im.js';

/** Texts of one broadcast, in bytes: as JSON it stays well below what the broker takes. */
const MAX_TEXT = 900 * 1024;

/** Sent messages as they travel to the listeners: in their order, in as many parts as it takes. */
export function columnsOfImSent(deliveries: readonly ImDelivery[]): ImSentV1[] {
  const parts: ImSentV1[] = [];
  let part: ImSentV1 | undefined;
  let places = new Map<string, number>();
  let left = 0;
  for (const delivery of deliveries) {
    const { payload } = delivery.message;
    if (payload.length > (MAX_IM_PUSH_BYTES * 4) / 3) continue;
    for (const slice of slicesOf(delivery)) {
      const size = sizeOf(slice) + (places.has(payload) ? 0 : payload.length);
      if (!part || size > left || part.flags.length >= MAX_IM_SENT) {
        part = emptyPart();
        parts.push(part);
        places = new Map();
        left = MAX_TEXT;
      }
      left -= size;
      add(part, slice, placeOf(payload, places, part));
    }
  }
  return parts;
}

/** The reverse of `columnsOfImSent`. */
export function imDeliveriesOf(sent: ImSentV1): ImDelivery[] {
  let taken = 0;
  return sent.flags.map((flags, i) => {
    const count = sent.recipientCounts[i] ?? -1;
    const recipients = count < 0 ? null : sent.recipients.slice(taken, taken + count);
    taken += Math.max(count, 0);
    const { noPersist, redDot, syncOnce } = imFlags(flags);
    return {
      message: {
        noPersist,
        redDot,
        syncOnce,
        setting: sent.settings[i] ?? 0,
        messageId: sent.messageIds[i] ?? '0',
        clientMsgNo: sent.clientMsgNos[i] ?? '',
        streamNo: sent.streamNos[i] ?? '',
        streamSeq: sent.streamSeqs[i] ?? 0,
        messageSeq: sent.messageSeqs[i] ?? 0,
        fromUid: sent.fromUids[i] ?? '',
        channelId: sent.channelIds[i] ?? '',
        channelType: sent.channelTypes[i] ?? 0,
        topic: sent.topics[i] ?? '',
        expire: sent.expires[i] ?? 0,
        timestamp: sent.timestamps[i] ?? 0,
        payload: sent.payloads[sent.payloadNos[i] ?? 0] ?? '',
      },
      isQueued: (flags & IM_QUEUED) !== 0,
      channelKey: sent.channelKeys[i] || null,
      recipients,
      origin: sent.origins[i] || null,
    };
  });
}

/** Recipients of one piece of a message that has very many, in bytes. */
const MAX_RECIPIENT_TEXT = MAX_TEXT / 4;

/** Pieces with so many recipients each that one fits into a broadcast. */
function slicesOf(delivery: ImDelivery): ImDelivery[] {
  const { recipients } = delivery;
  if (!recipients || textOf(recipients) <= MAX_RECIPIENT_TEXT) return [delivery];
  const half = Math.ceil(recipients.length / 2);
  if (half === recipients.length) return [];
  return [recipients.slice(0, half), recipients.slice(half)].flatMap((part) =>
    slicesOf({ ...delivery, recipients: part }),
  );
}

/** A character takes up to three bytes; quotes and a comma come beside it. */
const textOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + 3 * text.length + 3, 0);

/** Of everything but its payload, in bytes. */
const sizeOf = ({ message, recipients }: ImDelivery): number =>
  200 +
  textOf(recipients ?? []) +
  textOf([message.clientMsgNo, message.streamNo, message.fromUid, message.channelId, message.topic]);

function placeOf(payload: string, places: Map<string, number>, part: ImSentV1): number {
  const known = places.get(payload);
  if (known !== undefined) return known;
  places.set(payload, part.payloads.length);
  return part.payloads.push(payload) - 1;
}

function add(
  part: ImSentV1,
  { message, isQueued, channelKey, recipients, origin }: ImDelivery,
  payloadNo: number,
): void {
  part.flags.push(imFlagsOf({ ...message, startsStream: false }) | (isQueued ? IM_QUEUED : 0));
  part.settings.push(message.setting);
  part.messageIds.push(message.messageId);
  part.messageSeqs.push(message.messageSeq);
  part.clientMsgNos.push(message.clientMsgNo);
  part.streamNos.push(message.streamNo);
  part.streamSeqs.push(message.streamSeq);
  part.fromUids.push(message.fromUid);
  part.channelIds.push(message.channelId);
  part.channelTypes.push(message.channelType);
  part.channelKeys.push(channelKey ?? 0);
  part.topics.push(message.topic);
  part.expires.push(message.expire);
  part.timestamps.push(message.timestamp);
  part.origins.push(origin ?? '');
  part.payloadNos.push(payloadNo);
  part.recipientCounts.push(recipients?.length ?? -1);
  for (const uid of recipients ?? []) part.recipients.push(uid);
}

const emptyPart = (): ImSentV1 => ({
  ...{ flags: [], settings: [], messageIds: [], messageSeqs: [], clientMsgNos: [], streamNos: [], streamSeqs: [] },
  ...{ fromUids: [], channelIds: [], channelTypes: [], channelKeys: [], topics: [], expires: [], timestamps: [] },
  ...{ origins: [], payloadNos: [], payloads: [], recipientCounts: [], recipients: [] },
});
