import type { ConnectAnswer, Push, PushView, SendAnswer, SubscribeRequest } from '../protocol/client-protocol.port.js';
import type { Reason } from '../protocol/reason-codes.js';
import type { PacketCipher } from './packet-cipher.js';
import { flagsOf, PACKET, SETTING } from './packet-types.js';
import { WireWriter } from './wire-writer.js';

const HAS_SERVER_VERSION = 1;
/** Place of a message in its stream. */
const STREAM_START = 0;
const STREAM_GOES_ON = 1;

export interface Connack extends Pick<ConnectAnswer, 'reason' | 'timeDiffMs'> {
  /** Of the client. */
  version: number;
  /** Newest we both speak. */
  serverVersion: number;
  /** Empty with a refusal, as is the salt. */
  serverKey: string;
  salt: string;
  nodeId: number;
}

export function writeConnack({ version, serverVersion, timeDiffMs, reason, serverKey, salt, nodeId }: Connack): Buffer {
  const isAccepted = serverKey !== '';
  const namesVersion = isAccepted && version > 3;
  const writer = new WireWriter();
  if (namesVersion) writer.u8(serverVersion);
  writer.i64(BigInt(timeDiffMs)).u8(reason).text(serverKey).text(salt);
  if (version >= 4) writer.i64(BigInt(isAccepted ? nodeId : 0));
  return writer.packet(PACKET.connack, namesVersion ? HAS_SERVER_VERSION : 0);
}

export const writeSendack = ({
  header,
  messageId,
  clientSeq,
  messageSeq,
  reason,
}: Omit<SendAnswer, 'requestId'>): Buffer =>
  new WireWriter()
    .i64(BigInt(messageId))
    .u32(clientSeq)
    .u32(messageSeq)
    .u8(reason)
    .packet(PACKET.sendack, flagsOf(header));

/** Null: a piece of a stream, and this version has no words for it. */
export function writeRecv(push: Push, view: PushView, version: number, cipher: PacketCipher): Buffer | null {
  const knowsStreams = version >= 2 && version < 5;
  if (push.streamSeq > 0 && !knowsStreams) return null;
  const isInStream = push.streamNo !== '' && knowsStreams;
  const setting =
    (push.setting & ~(SETTING.streamUntil4 | SETTING.stream | SETTING.noEncrypt | SETTING.topic)) |
    (isInStream ? SETTING.streamUntil4 : 0) |
    (push.topic === '' ? 0 : SETTING.topic);
  const { messageId, clientMsgNo, timestamp, fromUid, channelType } = push;
  const wirePayload = cipher.encrypt(push.payload);
  const signed = `${messageId}${view.messageSeq}${clientMsgNo}${timestamp}${fromUid}${view.channelId}${channelType}${wirePayload}`;
  const writer = new WireWriter()
    .u8(setting)
    .text(cipher.sign(signed))
    .text(fromUid)
    .text(view.channelId)
    .u8(channelType);
  if (version >= 3) writer.u32(push.expire);
  writer.text(clientMsgNo);
  if (isInStream) {
    writer
      .text(push.streamNo)
      .u32(push.streamSeq)
      .u8(push.streamSeq > 0 ? STREAM_GOES_ON : STREAM_START);
  }
  writer.i64(BigInt(messageId)).u32(view.messageSeq).u32(timestamp);
  if (push.topic !== '') writer.text(push.topic);
  const { noPersist, syncOnce } = push;
  return writer
    .ascii(wirePayload)
    .packet(PACKET.recv, flagsOf({ noPersist, syncOnce, redDot: view.redDot, dup: view.dup }));
}

export const writeSuback = ({ subNo, channelId, channelType, action }: SubscribeRequest, reason: Reason): Buffer =>
  new WireWriter().text(subNo).text(channelId).u8(channelType).u8(action).u8(reason).packet(PACKET.suback, 0);

export const writeDisconnect = (reason: Reason, text: string): Buffer =>
  new WireWriter().u8(reason).text(text).packet(PACKET.disconnect, 0);

export const PONG_PACKET: Buffer = Buffer.of(PACKET.pong << 4);
