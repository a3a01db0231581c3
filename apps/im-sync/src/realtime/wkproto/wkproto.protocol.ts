import {
  ProtocolError,
  type ClientPacket,
  type ClientProtocol,
  type ConnectAnswer,
  type ConnectRequest,
  type Frame,
  type Push,
  type PushView,
  type SendAnswer,
  type SendRequest,
  type SubscribeRequest,
} from '../protocol/client-protocol.port.js';
import { REASON, type Reason } from '../protocol/reason-codes.js';
import { readConnect, readRecvack, readSend, readSubscribe, signedPartOf } from './client-packets.js';
import { agreeOnKey, type AgreedKey } from './packet-cipher.js';
import { PacketSplitter } from './packet-splitter.js';
import { headerOf, NEWEST_VERSION, PACKET, SETTING, type RawPacket } from './packet-types.js';
import { PONG_PACKET, writeConnack, writeDisconnect, writeRecv, writeSendack, writeSuback } from './server-packets.js';

/** Clients only show it; which process a session is at is nothing they may rely on. */
const NODE_ID = 1;

/** WKProto, versions 1 to 5, of one connection. */
export class WkProtocol implements ClientProtocol {
  private readonly splitter = new PacketSplitter();
  private version = 0;
  private agreed: AgreedKey | null = null;

  read(data: Buffer): ClientPacket[] {
    return this.splitter.push(data).map((packet) => this.packetOf(packet));
  }

  connack({ reason, timeDiffMs }: ConnectAnswer): Frame {
    const agreed = reason === REASON.success ? this.agreed : null;
    return writeConnack({
      version: this.version,
      serverVersion: Math.min(this.version, NEWEST_VERSION),
      timeDiffMs,
      reason,
      serverKey: agreed?.serverKey ?? '',
      salt: agreed?.salt ?? '',
      nodeId: NODE_ID,
    });
  }

  connectedAlready(): null {
    return null;
  }

  sendack(answer: SendAnswer): Frame {
    return writeSendack(answer);
  }

  recv(push: Push, view: PushView): Frame | null {
    return this.agreed ? writeRecv(push, view, this.version, this.agreed.cipher) : null;
  }

  pong(): Frame {
    return PONG_PACKET;
  }

  suback(request: SubscribeRequest, reason: Reason): Frame {
    return writeSuback(request, reason);
  }

  disconnect(reason: Reason, text: string): Frame {
    return writeDisconnect(reason, text);
  }

  private packetOf(packet: RawPacket): ClientPacket {
    switch (packet.type) {
      case PACKET.connect:
        return this.connectOf(packet);
      case PACKET.send:
        return this.sendOf(packet);
      case PACKET.recvack:
        return readRecvack(packet);
      case PACKET.ping:
        return { kind: 'ping', requestId: null };
      case PACKET.sub:
        return readSubscribe(packet);
      case PACKET.disconnect:
        return { kind: 'disconnect' };
      default:
        throw new ProtocolError('no such packet');
    }
  }

  private connectOf(packet: RawPacket): ConnectRequest {
    if (this.version > 0) throw new ProtocolError('connected already');
    const { version, clientKey, ...request } = readConnect(packet);
    this.version = Math.max(version, 1);
    this.agreed = agreeOnKey(clientKey);
    return { ...request, refusal: this.agreed ? null : clientKey === '' ? REASON.noClientKey : REASON.authFail };
  }

  private sendOf(packet: RawPacket): SendRequest {
    const send = readSend(packet, this.version);
    const { clientSeq, clientMsgNo, streamNo, channelId, channelType, expire, topic } = send;
    return {
      kind: 'send',
      requestId: null,
      header: headerOf(packet.flags),
      setting: send.setting & ~(SETTING.noEncrypt | SETTING.streamUntil4 | SETTING.stream),
      clientSeq,
      clientMsgNo,
      streamNo,
      channelId,
      channelType,
      expire,
      topic,
      payload: this.payloadOf(send),
    };
  }

  private payloadOf(send: ReturnType<typeof readSend>): Buffer | null {
    if ((send.setting & SETTING.noEncrypt) !== 0) return Buffer.from(send.wirePayload);
    const cipher = this.agreed?.cipher;
    return cipher?.sign(signedPartOf(send)) === send.msgKey ? cipher.decrypt(send.wirePayload) : null;
  }
}
