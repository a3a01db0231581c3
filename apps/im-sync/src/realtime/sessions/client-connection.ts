import type { RawData, WebSocket } from 'ws';
import { IM_SLAVE } from '#contracts';
import type { ClientProtocol, Frame, Push, PushView } from '../protocol/client-protocol.port.js';
import type { TokenBucket } from './token-bucket.js';
import { Unacknowledged } from './unacknowledged.js';

/** What may wait for a client that does not read, in bytes; then it is cut off and comes back to the log. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Who is at the other end, once he is let in. */
export interface Session {
  sessionId: number;
  uid: string;
  deviceFlag: number;
  /** 0 slave, 1 master. */
  deviceLevel: number;
  deviceId: string;
}

export const WS_CLOSE = { normal: 1000, goingAway: 1001, protocolError: 1002, policy: 1008, tryLater: 1013 } as const;

/** One client. Its frames leave in the order of the calls; a client that does not read is cut off instead of remembered. */
export class ClientConnection {
  protocol?: ClientProtocol;
  session: Session | null = null;
  /** A login is being judged: what comes behind it has to wait. */
  isLoggingIn = false;
  /** Of the last whole packet, by the monotonic clock. */
  heardAtMs: number;
  readonly unacknowledged = new Unacknowledged();
  private isClosing = false;

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

  get isMaster(): boolean {
    return (this.session?.deviceLevel ?? IM_SLAVE) !== IM_SLAVE;
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

  /** Answers whether it left. */
  push(push: Push, view: PushView, nowMs: number): boolean {
    if (!this.isOpen || !this.protocol) return false;
    const frame = this.protocol.recv(push, view);
    if (frame === null) return false;
    this.write(frame);
    if (!push.noPersist && push.streamSeq === 0 && !view.dup) this.unacknowledged.add(push, view, nowMs);
    return this.isOpen;
  }

  /** Reads nothing until `resume`: the client waits as long as we do. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (this.socket.isPaused) this.socket.resume();
  }

  /** What was written still leaves. */
  close(code: number): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.resume(); // the closing handshake is read, too
    this.socket.close(code);
  }

  /** At once, whatever was written. */
  cut(): void {
    this.isClosing = true;
    this.socket.terminate();
  }
}

/** One WebSocket message as one buffer. */
export function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
