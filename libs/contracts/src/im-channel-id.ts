import { crc32 } from 'node:zlib';

/** The two sides of a person channel. */
export interface ImPersonChannel {
  /** Under which its messages are kept. */
  channelId: string;
  leftUid: string;
  /** Empty: the sender was nobody in particular. */
  rightUid: string;
}

/**
 * The channel between two people, the same whoever of them asks: the one with the larger CRC-32 (of UTF-8) stands left. Where
 * both are equal, each direction has a channel of its own, as at the server whose interface this is.
 * @param fromUid empty: the channel is the receiver's own
 */
export function personChannel(fromUid: string, toUid: string): ImPersonChannel {
  if (fromUid === '') return { channelId: toUid, leftUid: toUid, rightUid: '' };
  const [leftUid, rightUid] = crc32(fromUid) > crc32(toUid) ? [fromUid, toUid] : [toUid, fromUid];
  return { channelId: `${leftUid}@${rightUid}`, leftUid, rightUid };
}
