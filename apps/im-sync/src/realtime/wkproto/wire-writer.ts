/** Room for the first byte of a packet and the digits of its length, written last. */
const HEAD = 5;
/** What most packets fit in, in bytes. */
const USUAL = 256;

/** Builds one packet in one buffer. Numbers are big-endian. */
export class WireWriter {
  private buffer = Buffer.allocUnsafe(USUAL);
  private end = HEAD;

  u8(value: number): this {
    this.buffer[this.take(1)] = value & 0xff;
    return this;
  }

  u32(value: number): this {
    const at = this.take(4);
    this.buffer.writeUInt32BE(value >>> 0, at);
    return this;
  }

  i64(value: bigint): this {
    const at = this.take(8);
    this.buffer.writeBigInt64BE(BigInt.asIntN(64, value), at);
    return this;
  }

  /** Its length in two bytes, then UTF-8. */
  text(value: string): this {
    const length = Buffer.byteLength(value);
    const at = this.take(2 + length);
    this.buffer.writeUInt16BE(length, at);
    this.buffer.write(value, at + 2);
    return this;
  }

  /** Base64, or other ASCII, as it stands. */
  ascii(value: string): this {
    const at = this.take(value.length);
    this.buffer.write(value, at, 'latin1');
    return this;
  }

  /** The packet: first byte, length of the body, body. Ends this writer. */
  packet(type: number, flags: number): Buffer {
    const head = [(type << 4) | flags];
    let left = this.end - HEAD;
    do {
      const digit = left % 128;
      left = Math.floor(left / 128);
      head.push(left > 0 ? digit | 0x80 : digit);
    } while (left > 0);
    const start = HEAD - head.length;
    this.buffer.set(head, start);
    return this.buffer.subarray(start, this.end);
  }

  /** Where the next `bytes` go. */
  private take(bytes: number): number {
    const at = this.end;
    this.end += bytes;
    if (this.end > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.end));
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }
}
