/** Builds one packet. Numbers are big-endian. */
export class WireWriter {
  private readonly parts: Buffer[] = [];
  private length = 0;

  u8(value: number): this {
    return this.bytes(Buffer.of(value & 0xff));
  }

  u32(value: number): this {
    const part = Buffer.allocUnsafe(4);
    part.writeUInt32BE(value >>> 0);
    return this.bytes(part);
  }

  i64(value: bigint): this {
    const part = Buffer.allocUnsafe(8);
    part.writeBigInt64BE(BigInt.asIntN(64, value));
    return this.bytes(part);
  }

  /** Its length in two bytes, then UTF-8. */
  text(value: string): this {
    const length = Buffer.byteLength(value);
    const part = Buffer.allocUnsafe(2 + length);
    part.writeUInt16BE(length);
    part.write(value, 2);
    return this.bytes(part);
  }

  bytes(part: Buffer): this {
    this.parts.push(part);
    this.length += part.length;
    return this;
  }

  /** The packet: first byte, length of the body, body. */
  packet(type: number, flags: number): Buffer {
    const head = [(type << 4) | flags];
    let left = this.length;
    do {
      const digit = left % 128;
      left = Math.floor(left / 128);
      head.push(left > 0 ? digit | 0x80 : digit);
    } while (left > 0);
    return Buffer.concat([Buffer.from(head), ...this.parts], head.length + this.length);
  }
}
