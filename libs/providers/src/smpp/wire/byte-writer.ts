/** Fields of a body in their order, gathered before they are written in one piece. */
export class ByteWriter {
  private readonly bytes: Buffer;
  private at: number;

  /** @param reserved octets left free at the front @param capacity most octets there can be, `reserved` included */
  constructor(reserved: number, capacity: number) {
    this.bytes = Buffer.allocUnsafe(capacity);
    this.at = reserved;
  }

  int8(...values: number[]): this {
    for (const value of values) this.at = this.bytes.writeUInt8(value, this.at);
    return this;
  }

  int16(value: number): this {
    this.at = this.bytes.writeUInt16BE(value, this.at);
    return this;
  }

  octets(octets: Buffer): this {
    this.at += octets.copy(this.bytes, this.at);
    return this;
  }

  /** With its closing NUL. */
  text(text: string): this {
    this.at += this.bytes.write(text, this.at, 'latin1');
    return this.int8(0);
  }

  end(): Buffer {
    return this.bytes.subarray(0, this.at);
  }
}
