import { ProtocolError } from '../protocol/client-protocol.port.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads one packet from its start. Numbers are big-endian. Whatever is not there is a ProtocolError. */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  u8(): number {
    return this.bytes.readUInt8(this.take(1));
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.take(2));
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.take(4));
  }

  i64(): bigint {
    return this.bytes.readBigInt64BE(this.take(8));
  }

  /** Its length in two bytes, then UTF-8. PostgreSQL keeps no NUL. */
  text(): string {
    const length = this.u16();
    const start = this.take(length);
    const bytes = this.bytes.subarray(start, start + length);
    if (bytes.includes(0)) throw new ProtocolError('NUL in a text');
    try {
      return utf8.decode(bytes);
    } catch {
      throw new ProtocolError('not UTF-8');
    }
  }

  rest(): Buffer {
    const rest = this.bytes.subarray(this.at);
    this.at = this.bytes.length;
    return rest;
  }

  private take(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw new ProtocolError('a packet ends too early');
    this.at += length;
    return start;
  }
}
