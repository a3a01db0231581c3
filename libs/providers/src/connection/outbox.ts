import type { Socket } from 'node:net';

/** A peer that does not read is not waited for beyond this, octets. */
const MAX_UNSENT = 1_000_000;

/** Writes what one turn of the event loop gathers in one piece: a full window is one segment, not a hundred. */
export class Outbox {
  private gathered: Buffer[] = [];
  private isScheduled = false;
  private isDrained = true;

  /** @param onDrain there is room again @param maxUnsent octets; more than one turn may gather */
  constructor(
    private readonly socket: Socket,
    onDrain: () => void,
    private readonly maxUnsent = MAX_UNSENT,
  ) {
    socket.on('drain', () => {
      this.isDrained = true;
      onDrain();
    });
  }

  /** False while the connection has more than enough to write: new requests had better wait. */
  get hasRoom(): boolean {
    return this.isDrained;
  }

  put(bytes: Buffer): void {
    this.gathered.push(bytes);
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.isScheduled = false;
    const bytes = this.gathered;
    this.gathered = [];
    if (bytes.length === 0 || !this.socket.writable) return;
    this.isDrained = this.socket.write(bytes.length === 1 && bytes[0] ? bytes[0] : Buffer.concat(bytes));
    if (this.socket.writableLength > this.maxUnsent) {
      this.socket.destroy(Object.assign(new Error('the peer does not read'), { code: 'ETIMEDOUT' }));
    }
  }
}
