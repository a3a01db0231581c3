import { HEADER_LENGTH } from './pdu-codec.js';

/** A body with a message_payload of 64 KiB and room to spare. */
const MAX_FRAME_LENGTH = 70_000;
const LENGTH_OCTETS = 4;

/** The stream has lost its place, or never was SMPP: nothing behind this point can be understood. */
export class BadFrameError extends Error {
  override readonly name = 'BadFrameError';
}

/** Cuts a stream into units, however it was split or merged on its way. Holds at most one unfinished unit. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private held = 0;
  /** Octets to wait for before there is anything to look at. */
  private needed = LENGTH_OCTETS;

  /** The whole units that `chunk` completes. Throws `BadFrameError`. */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return [];
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.held);
    const frames: Buffer[] = [];
    let at = 0;
    this.needed = LENGTH_OCTETS;
    while (bytes.length - at >= LENGTH_OCTETS) {
      const length = bytes.readUInt32BE(at);
      if (length < HEADER_LENGTH || length > MAX_FRAME_LENGTH) throw new BadFrameError(`a unit of ${length} octets`);
      if (bytes.length - at < length) {
        this.needed = length;
        break;
      }
      frames.push(bytes.subarray(at, at + length));
      at += length;
    }
    this.held = bytes.length - at;
    this.chunks = this.held === 0 ? [] : [bytes.subarray(at)];
    return frames;
  }
}
