import { MAX_PACKET_BYTES, ProtocolError } from '../protocol/client-protocol.port.js';
import { PACKET, type RawPacket } from './packet-types.js';

const EMPTY = Buffer.alloc(0);
/** Digits of a length, seven bits each. */
const MAX_LENGTH_BYTES = 4;

/** Of the largest packet, in bytes. */
const MAX_SIZE = 1 + MAX_LENGTH_BYTES + MAX_PACKET_BYTES;

/** Cuts what arrives into packets: several may come in one WebSocket message, and one in several. */
export class PacketSplitter {
  /** What came of the packet that is not whole yet, and room for more of it. */
  private held: Buffer = EMPTY;
  private heldBytes = 0;

  /** @throws ProtocolError a length that is none, or a packet that is too large: nothing after it can be read */
  push(data: Buffer): RawPacket[] {
    const isFirst = this.heldBytes === 0;
    let bytes = isFirst ? data : this.withHeld(data);
    const packets: RawPacket[] = [];
    for (;;) {
      const packet = cut(bytes);
      if (!packet) break;
      packets.push(packet);
      bytes = bytes.subarray(packet.size);
    }
    if (isFirst || packets.length > 0) this.hold(bytes);
    return packets;
  }

  /** A copy: a view would keep everything that arrived with it in memory. */
  private hold(bytes: Buffer): void {
    this.held = bytes.length === 0 ? EMPTY : Buffer.from(bytes);
    this.heldBytes = bytes.length;
  }

  /** The room doubles when it is full: otherwise a packet that comes byte by byte would be copied with every one of them. */
  private withHeld(data: Buffer): Buffer {
    const size = this.heldBytes + data.length;
    if (size > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, Math.min(2 * this.held.length, MAX_SIZE)));
      this.held.copy(larger, 0, 0, this.heldBytes);
      this.held = larger;
    }
    data.copy(this.held, this.heldBytes);
    this.heldBytes = size;
    return this.held.subarray(0, size);
  }
}

/** The first packet with its size in bytes; null: it is not whole yet. */
function cut(bytes: Buffer): (RawPacket & { size: number }) | null {
  const first = bytes[0];
  if (first === undefined) return null;
  const type = first >> 4;
  const flags = first & 0x0f;
  if (type === PACKET.ping || type === PACKET.pong) return { type, flags, body: EMPTY, size: 1 };
  let length = 0;
  for (let i = 1; ; i += 1) {
    if (i > MAX_LENGTH_BYTES) throw new ProtocolError('the length of a packet does not end');
    const digit = bytes[i];
    if (digit === undefined) return null;
    length += (digit & 0x7f) * 128 ** (i - 1);
    if (length > MAX_PACKET_BYTES) throw new ProtocolError('a packet is too large');
    if (digit & 0x80) continue;
    const size = 1 + i + length;
    return bytes.length < size ? null : { type, flags, body: bytes.subarray(1 + i, size), size };
  }
}
