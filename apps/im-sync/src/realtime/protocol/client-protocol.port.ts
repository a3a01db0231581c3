import type { Reason } from './reason-codes.js';

/** Bits of the first byte of a packet that carries a message or answers one. */
export interface HeaderFlags {
  noPersist: boolean;
  redDot: boolean;
  syncOnce: boolean;
  /** Not its first time. */
  dup: boolean;
}

export interface ConnectRequest {
  kind: 'connect';
  requestId: string | null;
  /** 0 app, 1 web, 2 pc, 99 system. */
  deviceFlag: number;
  deviceId: string;
  uid: string;
  token: string;
  /** Clock of the client, epoch ms. */
  clientTimestampMs: number;
  /** What the protocol itself found wrong; null: nothing. */
  refusal: Reason | null;
}

export interface SendRequest {
  kind: 'send';
  requestId: string | null;
  header: HeaderFlags;
  /** Without the bits that concern one hop only. */
  setting: number;
  clientSeq: number;
  clientMsgNo: string;
  streamNo: string;
  channelId: string;
  channelType: number;
  /** Seconds; 0: never. */
  expire: number;
  topic: string;
  /** Null: it could not be deciphered, or was changed on its way. */
  payload: Buffer | null;
}

export interface RecvAcknowledgement {
  kind: 'recvack';
  header: HeaderFlags;
  /** Decimal int64. */
  messageId: string;
  messageSeq: number;
}

export interface SubscribeRequest {
  kind: 'subscribe';
  subNo: string;
  channelId: string;
  channelType: number;
  /** 0 subscribe, 1 unsubscribe. */
  action: number;
}

/** What a client says, whichever protocol it speaks. */
export type ClientPacket =
  | ConnectRequest
  | SendRequest
  | RecvAcknowledgement
  | SubscribeRequest
  | { kind: 'ping'; requestId: string | null }
  | { kind: 'disconnect' }
  /** Nothing we know; `answer` says so where the protocol has words for it. */
  | { kind: 'unknown'; answer: Frame };

/** One WebSocket message: a text frame or a binary one. */
export type Frame = string | Buffer;

/** A message on its way to clients; one object for all of them. */
export interface Push {
  /** Decimal int64. */
  messageId: string;
  clientMsgNo: string;
  streamNo: string;
  /** Place of a piece in its stream, from 1; 0: it is none. */
  streamSeq: number;
  setting: number;
  fromUid: string;
  channelType: number;
  /** Seconds; 0: never. */
  expire: number;
  /** Epoch seconds. */
  timestamp: number;
  topic: string;
  payload: Buffer;
  noPersist: boolean;
  syncOnce: boolean;
}

/** What is different for the one who gets it. */
export interface PushView {
  /** As this reader knows the channel: of a person channel the other one. */
  channelId: string;
  messageSeq: number;
  redDot: boolean;
  dup: boolean;
}

export interface ConnectAnswer {
  requestId: string | null;
  reason: Reason;
  /** Server clock minus client clock. */
  timeDiffMs: number;
}

export interface SendAnswer {
  requestId: string | null;
  header: HeaderFlags;
  clientSeq: number;
  /** Decimal int64; "0" where it was refused. */
  messageId: string;
  messageSeq: number;
  reason: Reason;
}

/** How one connection speaks: turns what arrives into packets, and answers into frames of one packet each. */
export interface ClientProtocol {
  /**
   * Packets that are whole by now; the rest waits for what comes next.
   * @throws ProtocolError this connection is of no use any more
   */
  read(data: Buffer): ClientPacket[];
  connack(answer: ConnectAnswer): Frame;
  /** To a login of a connection that is logged in. Null: the protocol has no words for it. */
  connectedAlready(requestId: string | null): Frame | null;
  sendack(answer: SendAnswer): Frame;
  /** Null: this client could not understand it. */
  recv(push: Push, view: PushView): Frame | null;
  pong(requestId: string | null): Frame;
  suback(request: SubscribeRequest, reason: Reason): Frame | null;
  disconnect(reason: Reason, text: string): Frame;
}

/** The client does not speak its protocol. The text names no content. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** What a client may send in one packet, in bytes. */
export const MAX_PACKET_BYTES = 1024 * 1024;
