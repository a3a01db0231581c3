/** What a frame holds does not fit its command. */
export class BadPduError extends Error {
  override readonly name = 'BadPduError';
}

/** Reads a body from front to end and never past it. */
export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  int8(): number {
    return this.take(1).readUInt8(0);
  }

  int16(): number {
    return this.take(2).readUInt16BE(0);
  }

  octets(length: number): Buffer {
    return this.take(length);
  }

  /** Text up to its NUL, or up to the end of the body where a careless peer has left it out. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    const until = end < 0 ? this.bytes.length : end;
    const text = this.bytes.toString('latin1', this.at, until);
    this.at = end < 0 ? until : until + 1;
    return text;
  }

  private take(length: number): Buffer {
    if (this.left < length) throw new BadPduError('the body ends too early');
    const part = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return part;
  }
}
