import type { RawData, WebSocket } from 'ws';
import { IM_SLAVE } from '#contracts';
import {
  ProtocolError,
  type ClientPacket,
  type ClientProtocol,
  type Frame,
  type Push,
  type PushView,
} from '../protocol/client-protocol.port.js';
import type { TokenBucket } from './token-bucket.js';
import { Unacknowledged } from './unacknowledged.js';

/** What may wait for a client that does not read, in bytes; then it is cut off and comes back to the log. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** What may wait for the end of a login: packets of the client, and messages for it. Whatever comes beyond is read from the log. */
const MAX_HELD_PACKETS = 64;
const MAX_HELD_PUSHES = 256;

/** Who is at the other end, once he is let in. */
export interface Session {
  sessionId: number;
  uid: string;
  deviceFlag: number;
  /** 0 slave, 1 master. */
  deviceLevel: number;
  deviceId: string;
}

interface Held {
  packets: ClientPacket[];
  pushes: { push: Push; view: PushView }[];
}

export const WS_CLOSE = { normal: 1000, goingAway: 1001, protocolError: 1002, policy: 1008, tryLater: 1013 } as const;

/** One client. Its frames leave in the order of the calls; a client that does not read is cut off instead of remembered. */
export class ClientConnection {
  protocol?: ClientProtocol;
  session: Session | null = null;
  /** Of the last whole packet, by the monotonic clock. */
  heardAtMs: number;
  readonly unacknowledged = new Unacknowledged();
  private isClosing = false;
  /** Null: the socket is not kept open for a client that was told to go. */
  private lingering: NodeJS.Timeout | null = null;
  /** Null: no login is being judged. */
  private held: Held | null = null;

  constructor(
    private readonly socket: WebSocket,
    readonly sendLimit: TokenBucket,
    readonly openedAtMs: number,
    private readonly onSlow: () => void,
  ) {
    this.heardAtMs = openedAtMs;
  }

  get isOpen(): boolean {
    return !this.isClosing && this.socket.readyState === this.socket.OPEN;
  }

  /** Of no use any more, and closed in a moment. */
  get isLingering(): boolean {
    return this.lingering !== null;
  }

  get isLoggingIn(): boolean {
    return this.held !== null;
  }

  get isMaster(): boolean {
    return (this.session?.deviceLevel ?? IM_SLAVE) !== IM_SLAVE;
  }

  /** Reads nothing more until the login is judged: the client waits as long as we do. */
  beginLogin(): void {
    this.held = { packets: [], pushes: [] };
    this.socket.pause();
  }

  /**
   * A packet that came with the login or close behind it: clients need not wait for the answer.
   * @throws ProtocolError more than any client has a reason for
   */
  hold(packet: ClientPacket): void {
    if (!this.held || this.held.packets.length >= MAX_HELD_PACKETS)
      throw new ProtocolError('too much before the login');
    this.held.packets.push(packet);
  }

  /** The answer leaves, then the messages that came meanwhile: before it no client could read them. Answers the packets that waited. */
  endLogin(answer: Frame | undefined): ClientPacket[] {
    const { packets, pushes } = this.held ?? { packets: [], pushes: [] };
    this.held = null;
    if (answer !== undefined) this.write(answer);
    for (const { push, view } of pushes) this.push(push, view, performance.now());
    this.resume();
    return packets;
  }

  write(frame: Frame): void {
    if (!this.isOpen) return;
    if (this.socket.bufferedAmount > MAX_UNREAD_BYTES) {
      this.onSlow();
      this.cut();
      return;
    }
    this.socket.send(frame);
  }

  /** Answers whether it left, or will. */
  push(push: Push, view: PushView, nowMs: number): boolean {
    if (!this.isOpen || !this.protocol) return false;
    if (this.held) {
      if (this.held.pushes.length >= MAX_HELD_PUSHES) return false;
      this.held.pushes.push({ push, view });
      return true;
    }
    const frame = this.protocol.recv(push, view);
    if (frame === null) return false;
    this.write(frame);
    if (!push.noPersist && push.streamSeq === 0 && !view.dup) this.unacknowledged.add(push, view, nowMs);
    return this.isOpen;
  }

  /** What was written still leaves. @param why for whoever writes the client, at most 123 bytes */
  close(code: number, why = ''): void {
    if (this.isClosing && !this.isLingering) return;
    this.stopUsing();
    this.socket.close(code, why);
  }

  /** As `close`, but the client has a while to go by itself; from now on nothing it says is read, and nothing sent to it. */
  closeAfter(code: number, afterMs: number): void {
    if (this.isClosing) return;
    this.stopUsing();
    this.lingering = setTimeout(() => this.close(code), afterMs).unref();
  }

  /** At once, whatever was written. */
  cut(): void {
    this.stopUsing();
    this.socket.terminate();
  }

  private stopUsing(): void {
    this.isClosing = true;
    if (this.lingering) clearTimeout(this.lingering);
    this.lingering = null;
    this.resume(); // the closing handshake is read, too
  }

  private resume(): void {
    if (this.socket.isPaused) this.socket.resume();
  }
}

/** One WebSocket message as one buffer. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
