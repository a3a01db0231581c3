import type { ImConversationRow } from '#entities';
import type { NamedChannel } from './im-conversation.body.js';

/** Messages of a channel as JSON texts, newest first. */
export type Recents = readonly string[];

/** A conversation in `/conversation/sync`. */
export const syncedJson = (row: ImConversationRow, recents: Recents | null): string =>
  `{${shown(row)},"last_msg_seq":${row.lastSeq},"last_client_msg_no":${JSON.stringify(row.lastClientMsgNo)}` +
  `,"offset_msg_seq":0,"version":${row.version},"recents":${recents ? listJson(recents) : 'null'}}`;

/** A conversation in `GET /conversations`. Its last message may have expired. */
export const conversationJson = (row: ImConversationRow, [last]: Recents): string =>
  `{${shown(row)},"last_message":${last ?? 'null'}}`;

/** A channel in `/conversation/syncMessages`. */
export const recentsJson = ({ channelId, channelType }: NamedChannel, recents: Recents): string =>
  `{"channel_id":${JSON.stringify(channelId)},"channel_type":${channelType},"messages":${listJson(recents)}}`;

export const listJson = (items: readonly string[]): string => `[${items.join(',')}]`;

const shown = ({ channelId, channelType, unread, timestamp }: ImConversationRow): string =>
  `"channel_id":${JSON.stringify(channelId)},"channel_type":${channelType},"unread":${unread},"timestamp":${timestamp}`;
