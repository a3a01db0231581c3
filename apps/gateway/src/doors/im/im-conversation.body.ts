import { IM_PERSON, personChannel } from '#contracts';
import type { ImConversationName, ImRecentsQuestion } from '#entities';
import { ImError } from './im.error.js';
import type { ImFields } from './im.fields.js';

/** A channel as its reader calls it. */
export interface NamedChannel {
  /** Of a person channel the other one's uid. */
  channelId: string;
  channelType: number;
}

/** Whose conversation a call is about. @throws ImError it says whose not, or which not @param noUid text of that refusal */
export function readConversation(fields: ImFields, noUid: string): ImConversationName {
  const uid = fields.id('uid');
  const channel = readChannel(fields);
  if (uid === '') throw new ImError(noUid);
  if (channel.channelId === '' || channel.channelType === 0) {
    throw new ImError('channel_id or channel_type cannot be empty');
  }
  return { uid, channelId: storedId(uid, channel), channelType: channel.channelType };
}

export const readChannel = (fields: ImFields): NamedChannel => ({
  channelId: fields.id('channel_id'),
  channelType: fields.uint8('channel_type'),
});

/** @param uid who reads */
export const recentsOf = (uid: string, channel: NamedChannel, afterSeq: number): ImRecentsQuestion => ({
  channelId: storedId(uid, channel),
  channelType: channel.channelType,
  afterSeq,
});

/** The id under which the messages are kept. What nobody in particular sent stands in a channel of the receiver's own. */
const storedId = (uid: string, { channelId, channelType }: NamedChannel): string =>
  channelType === IM_PERSON ? personChannel(channelId === '' ? '' : uid, channelId || uid).channelId : channelId;
