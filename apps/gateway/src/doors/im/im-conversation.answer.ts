import type { ImMessage, ImStreamChunk } from '#contracts';
import type { ImConversationRow } from '#entities';
import type { NamedChannel } from './im-conversation.body.js';
import { messagesJson } from './im.envelope.js';

/** Messages of a channel, newest first, and the pieces of those that are streams, by stream number. */
export interface Recents {
  messages: readonly ImMessage[];
  chunks: ReadonlyMap<string, readonly ImStreamChunk[]>;
}

/** A conversation in `/conversation/sync`. */
export const syncedJson = (row: ImConversationRow, recents: Recents | null): string =>
  `{${shown(row)},"last_msg_seq":${row.lastSeq},"last_client_msg_no":${JSON.stringify(row.lastClientMsgNo)}` +
  `,"offset_msg_seq":0,"version":${row.version},"recents":${recents ? listOf(recents) : 'null'}}`;

/** A conversation in `GET /conversations`. Its last message may have expired. */
export const conversationJson = (row: ImConversationRow, last: Recents): string =>
  `{${shown(row)},"last_message":${last.messages.length > 0 ? listOf(last).slice(1, -1) : 'null'}}`;

/** A channel in `/conversation/syncMessages`. */
export const recentsJson = ({ channelId, channelType }: NamedChannel, recents: Recents): string =>
  `{"channel_id":${JSON.stringify(channelId)},"channel_type":${channelType},"messages":${listOf(recents)}}`;

export const listJson = (items: readonly string[]): string => `[${items.join(',')}]`;

const shown = ({ channelId, channelType, unread, timestamp }: ImConversationRow): string =>
  `"channel_id":${JSON.stringify(channelId)},"channel_type":${channelType},"unread":${unread},"timestamp":${timestamp}`;

const listOf = ({ messages, chunks }: Recents): string => messagesJson(messages, chunks);
