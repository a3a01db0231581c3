import type { ImMessage, ImStreamChunk } from './im.js';

/**
 * A message as the published interface shows it, as JSON text: its ids are integers beyond what a JavaScript number holds, so
 * that no object can stand for it. The order of the keys is part of the interface.
 */
export function imMessageJson(message: ImMessage): string {
  const { messageId, streamNo, streamSeq, topic } = message;
  const stream = streamNo === '' ? '' : `,"stream_no":${quoted(streamNo)}`;
  const chunk = streamSeq === 0 ? '' : `,"stream_seq":${streamSeq}`;
  return (
    `{"header":{"no_persist":${bit(message.noPersist)},"red_dot":${bit(message.redDot)},"sync_once":${bit(message.syncOnce)}}` +
    `,"setting":${message.setting},"message_id":${messageId},"message_idstr":"${messageId}"` +
    `,"client_msg_no":${quoted(message.clientMsgNo)}${stream}${chunk},"message_seq":${message.messageSeq}` +
    `,"from_uid":${quoted(message.fromUid)},"channel_id":${quoted(message.channelId)},"channel_type":${message.channelType}` +
    `${topic === '' ? '' : `,"topic":${quoted(topic)}`},"expire":${message.expire},"timestamp":${message.timestamp}` +
    `,"payload":"${message.payload}"}`
  );
}

/** The text of a message with the pieces of its stream. */
export const withImStreams = (json: string, streams: readonly ImStreamChunk[]): string =>
  streams.length === 0 ? json : `${json.slice(0, -1)},"streams":[${streams.map(chunkJson).join(',')}]}`;

const chunkJson = ({ streamSeq, clientMsgNo, payload }: ImStreamChunk): string =>
  `{"stream_seq":${streamSeq},"client_msg_no":${quoted(clientMsgNo)},"blob":"${payload}"}`;

const bit = (value: boolean): 0 | 1 => (value ? 1 : 0);
const quoted = (text: string): string => JSON.stringify(text);
