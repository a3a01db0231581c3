import { IM_PERSON, IM_SETTING_STREAM, personChannel, type ImNewMessage } from '#contracts';
import type { ImOutgoing, ImStorage } from '#entities';

/** Ends the id of a channel that exists for one message only. */
const TEMPORARY = '@tmp';

/** Where a message is kept, under which channel, and who gets it. */
export function outgoing(message: ImNewMessage, messageId: string): ImOutgoing {
  const isPerson = message.channelType === IM_PERSON;
  const { channelId, leftUid } = isPerson
    ? personChannel(message.fromUid, message.channelId)
    : { channelId: message.channelId, leftUid: '' };
  return {
    noPersist: message.noPersist,
    redDot: message.redDot,
    syncOnce: message.syncOnce,
    startsStream: message.startsStream,
    clientMsgNo: message.clientMsgNo,
    streamNo: message.streamNo,
    fromUid: message.fromUid,
    channelId: message.channelId,
    channelType: message.channelType,
    topic: message.topic,
    expire: message.expire,
    payload: message.payload,
    subscribers: message.subscribers,
    setting: message.startsStream ? message.setting | IM_SETTING_STREAM : message.setting,
    messageId,
    storage: storageOf(message),
    storedId: channelId,
    isFromLeft: isPerson && leftUid === message.fromUid,
    recipients: message.subscribers ?? (isPerson ? bothOf(message) : null),
  };
}

export function storageOf(message: ImNewMessage): ImStorage {
  if (message.streamNo !== '' && !message.startsStream) return 'stream';
  const isTemporary = message.channelType !== IM_PERSON && message.channelId.endsWith(TEMPORARY);
  if (message.startsStream) return isTemporary ? 'nowhere' : 'log';
  if (message.noPersist) return 'nowhere';
  if (message.syncOnce) return 'queue';
  return isTemporary ? 'nowhere' : 'log';
}

const bothOf = ({ fromUid, channelId }: ImNewMessage): string[] =>
  fromUid === '' || fromUid === channelId ? [channelId] : [fromUid, channelId];
