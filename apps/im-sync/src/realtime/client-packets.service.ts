import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MAX_IM_PUSH_BYTES } from '#contracts';
import { AppLogger, Metrics } from '#platform';
import { JsonRpcProtocol } from './json-rpc/json-rpc.protocol.js';
import {
  ProtocolError,
  type ClientPacket,
  type ConnectRequest,
  type RecvAcknowledgement,
  type SendRequest,
} from './protocol/client-protocol.port.js';
import { REASON, type Reason } from './protocol/reason-codes.js';
import { AcknowledgeCommandsService } from './sending/acknowledge-commands.service.js';
import { ClientSendService, type ClientSent } from './sending/client-send.service.js';
import { WS_CLOSE, type ClientConnection, type Session } from './sessions/client-connection.js';
import { LoginService } from './sessions/login.service.js';
import { WkProtocol } from './wkproto/wkproto.protocol.js';

const OPENING_BRACE = 0x7b;
const MAX_ID = 256;
/** Of what WebSocket carries, in bytes; our texts are ASCII. */
const MAX_CLOSE_REASON = 123;
const JSON_RPC = new JsonRpcProtocol();

/** Does what clients say. A client that does not speak its protocol loses its connection, and nobody else anything. */
@Injectable()
export class ClientPacketsService {
  constructor(
    private readonly logins: LoginService,
    private readonly sends: ClientSendService,
    private readonly acknowledgements: AcknowledgeCommandsService,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** One WebSocket message. Never throws. */
  receive(connection: ClientConnection, data: Buffer): void {
    this.guarded(connection, () => {
      connection.protocol ??= spokenIn(data);
      for (const packet of connection.protocol.read(data)) {
        connection.heardAtMs = performance.now();
        this.handle(connection, packet);
      }
    });
  }

  /** Whatever goes wrong costs this connection and nothing else. */
  private guarded(connection: ClientConnection, act: () => void): void {
    if (!connection.isOpen) return;
    try {
      act();
    } catch (error) {
      const why = error instanceof ProtocolError ? error.message : '';
      if (why !== '') this.logger.debug({ reason: why }, 'a client does not speak its protocol');
      else this.logger.error({ err: error }, 'a packet of a client could not be handled');
      connection.close(WS_CLOSE.protocolError, why.slice(0, MAX_CLOSE_REASON));
    }
  }

  private handle(connection: ClientConnection, packet: ClientPacket): void {
    const { session, protocol } = connection;
    if (!protocol) return;
    if (packet.kind === 'connect') {
      const refusal = session ? protocol.connectedAlready(packet.requestId) : null;
      if (refusal !== null) connection.write(refusal);
      else if (session || connection.isLoggingIn) throw new ProtocolError('connected already');
      else void this.login(connection, packet);
      return;
    }
    if (connection.isLoggingIn) {
      connection.hold(packet);
      return;
    }
    if (!session) throw new ProtocolError('not connected yet');
    switch (packet.kind) {
      case 'send':
        void this.send(connection, session, packet);
        return;
      case 'recvack':
        this.acknowledge(connection, session, packet);
        return;
      case 'ping':
        connection.write(protocol.pong(packet.requestId));
        return;
      case 'subscribe': {
        const answer = protocol.suback(packet, REASON.channelTypeUnsupported);
        if (answer !== null) connection.write(answer);
        return;
      }
      case 'disconnect':
        connection.close(WS_CLOSE.normal);
        return;
      case 'unknown':
        connection.write(packet.answer);
    }
  }

  private async login(connection: ClientConnection, request: ConnectRequest): Promise<void> {
    const { requestId, clientTimestampMs } = request;
    connection.beginLogin();
    const reason = await this.logins.login(connection, request);
    const timeDiffMs = Math.trunc(Date.now() - clientTimestampMs);
    const held = connection.endLogin(connection.protocol?.connack({ requestId, reason, timeDiffMs }));
    if (reason === REASON.success) {
      this.guarded(connection, () => held.forEach((packet) => this.handle(connection, packet)));
    } else connection.close(WS_CLOSE.policy);
  }

  private async send(connection: ClientConnection, session: Session, request: SendRequest): Promise<void> {
    const { requestId, header, clientSeq } = request;
    const refusal = connection.sendLimit.take(performance.now()) ? refusalOf(request) : REASON.tooFast;
    const sent: ClientSent = refusal
      ? { reason: refusal, messageId: '0', messageSeq: 0 }
      : await this.sends.add({ message: messageOf(request, session.uid), sessionId: session.sessionId });
    this.metrics.imSends.inc({ reason: String(sent.reason) });
    const answer = connection.protocol?.sendack({ requestId, header, clientSeq, ...sent });
    if (answer !== undefined) connection.write(answer);
  }

  private acknowledge(connection: ClientConnection, session: Session, packet: RecvAcknowledgement): void {
    connection.unacknowledged.acknowledge(packet.messageId);
    const { syncOnce, noPersist } = packet.header;
    // Of slaves nobody knows whether the person's main device has it, too.
    if (syncOnce && !noPersist && connection.isMaster) this.acknowledgements.add(session.uid, packet.messageSeq);
  }
}

const spokenIn = (data: Buffer): WkProtocol | JsonRpcProtocol =>
  firstVisible(data) === OPENING_BRACE ? JSON_RPC : new WkProtocol();

const firstVisible = (data: Buffer): number | undefined => data.find((byte) => byte > 0x20 || byte < 0x09);

function refusalOf({ payload, channelId, clientMsgNo, topic, streamNo }: SendRequest): Reason | null {
  if (channelId.trim() === '' || channelId.length > MAX_ID) return REASON.wrongChannelId;
  if (!payload || payload.length === 0 || payload.length > MAX_IM_PUSH_BYTES) return REASON.undecodable;
  return [clientMsgNo, topic, streamNo].some((text) => text.length > MAX_ID) ? REASON.undecodable : null;
}

const messageOf = (request: SendRequest, fromUid: string): Parameters<ClientSendService['add']>[0]['message'] => ({
  noPersist: request.header.noPersist,
  redDot: request.header.redDot,
  syncOnce: request.header.syncOnce,
  setting: request.setting,
  clientMsgNo: request.clientMsgNo || randomUUID().replaceAll('-', ''),
  streamNo: request.streamNo,
  startsStream: false,
  fromUid,
  channelId: request.channelId,
  channelType: request.channelType,
  topic: request.topic,
  expire: request.expire,
  payload: request.payload?.toString('base64') ?? '',
  subscribers: null,
});
