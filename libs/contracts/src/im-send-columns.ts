import { IM_FLAG, type ImNewMessage, type ImSendV1 } from './im.js';

/** Messages as they travel to im-sync. */
export function columnsOfImSends(messages: readonly ImNewMessage[]): ImSendV1 {
  const columns: ImSendV1 = {
    flags: [],
    settings: [],
    clientMsgNos: [],
    streamNos: [],
    fromUids: [],
    channelIds: [],
    channelTypes: [],
    topics: [],
    expires: [],
    payloads: [],
    subscriberCounts: [],
    subscribers: [],
  };
  for (const message of messages) {
    columns.flags.push(imFlagsOf(message));
    columns.settings.push(message.setting);
    columns.clientMsgNos.push(message.clientMsgNo);
    columns.streamNos.push(message.streamNo);
    columns.fromUids.push(message.fromUid);
    columns.channelIds.push(message.channelId);
    columns.channelTypes.push(message.channelType);
    columns.topics.push(message.topic);
    columns.expires.push(message.expire);
    columns.payloads.push(message.payload);
    columns.subscriberCounts.push(message.subscribers?.length ?? -1);
    for (const uid of message.subscribers ?? []) columns.subscribers.push(uid);
  }
  return columns;
}

/** The reverse of `columnsOfImSends`. */
export function imSendsOf(columns: ImSendV1): ImNewMessage[] {
  let taken = 0;
  return columns.flags.map((flags, i) => {
    const count = columns.subscriberCounts[i] ?? -1;
    const subscribers = count < 0 ? null : columns.subscribers.slice(taken, taken + count);
    taken += Math.max(count, 0);
    const { noPersist, redDot, syncOnce, startsStream } = imFlags(flags);
    // Field by field: this is done for every message, and copying by spread takes several times as long.
    return {
      noPersist,
      redDot,
      syncOnce,
      startsStream,
      setting: columns.settings[i] ?? 0,
      clientMsgNo: columns.clientMsgNos[i] ?? '',
      streamNo: columns.streamNos[i] ?? '',
      fromUid: columns.fromUids[i] ?? '',
      channelId: columns.channelIds[i] ?? '',
      channelType: columns.channelTypes[i] ?? 0,
      topic: columns.topics[i] ?? '',
      expire: columns.expires[i] ?? 0,
      payload: columns.payloads[i] ?? '',
      subscribers,
    };
  });
}

export type ImFlags = Pick<ImNewMessage, 'noPersist' | 'redDot' | 'syncOnce' | 'startsStream'>;

export const imFlagsOf = ({ noPersist, redDot, syncOnce, startsStream }: ImFlags): number =>
  (noPersist ? IM_FLAG.noPersist : 0) |
  (redDot ? IM_FLAG.redDot : 0) |
  (syncOnce ? IM_FLAG.syncOnce : 0) |
  (startsStream ? IM_FLAG.startsStream : 0);

export const imFlags = (flags: number): ImFlags => ({
  noPersist: (flags & IM_FLAG.noPersist) !== 0,
  redDot: (flags & IM_FLAG.redDot) !== 0,
  syncOnce: (flags & IM_FLAG.syncOnce) !== 0,
  startsStream: (flags & IM_FLAG.startsStream) !== 0,
});
