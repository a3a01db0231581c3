import type { ConnectRequest, RecvAcknowledgement, SubscribeRequest } from '../protocol/client-protocol.port.js';
import { headerOf, SETTING, type RawPacket } from './packet-types.js';
import { WireReader } from './wire-reader.js';

export interface WireConnect extends Omit<ConnectRequest, 'refusal'> {
  version: number;
  /** Base64. */
  clientKey: string;
}

/** A message as it travelled: still enciphered. */
export interface WireSend {
  setting: number;
  clientSeq: number;
  clientMsgNo: string;
  streamNo: string;
  channelId: string;
  channelType: number;
  expire: number;
  msgKey: string;
  topic: string;
  wirePayload: Buffer;
}

export function readConnect({ body }: RawPacket): WireConnect {
  const reader = new WireReader(body);
  return {
    kind: 'connect',
    requestId: null,
    version: reader.u8(),
    deviceFlag: reader.u8(),
    deviceId: reader.text(),
    uid: reader.text(),
    token: reader.text(),
    clientTimestampMs: Number(reader.i64()),
    clientKey: reader.text(),
  };
}

export function readSend({ body }: RawPacket, version: number): WireSend {
  const reader = new WireReader(body);
  const setting = reader.u8();
  const clientSeq = reader.u32();
  const clientMsgNo = reader.text();
  const isInStream = version >= 2 && version < 5 && (setting & SETTING.streamUntil4) !== 0;
  return {
    setting,
    clientSeq,
    clientMsgNo,
    streamNo: isInStream ? reader.text() : '',
    channelId: reader.text(),
    channelType: reader.u8(),
    expire: version >= 3 ? reader.u32() : 0,
    msgKey: reader.text(),
    topic: (setting & SETTING.topic) !== 0 ? reader.text() : '',
    wirePayload: reader.rest(),
  };
}

/** What the sender signs. */
export const signedPartOf = (send: WireSend): string =>
  `${send.clientSeq}${send.clientMsgNo}${send.channelId}${send.channelType}${send.wirePayload.toString('latin1')}`;

export function readRecvack({ body, flags }: RawPacket): RecvAcknowledgement {
  const reader = new WireReader(body);
  return { kind: 'recvack', header: headerOf(flags), messageId: String(reader.i64()), messageSeq: reader.u32() };
}

export function readSubscribe({ body }: RawPacket): SubscribeRequest {
  const reader = new WireReader(body);
  reader.u8(); // setting
  return {
    kind: 'subscribe',
    subNo: reader.text(),
    channelId: reader.text(),
    channelType: reader.u8(),
    action: reader.u8(),
  };
}
