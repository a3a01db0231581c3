import { describe, expect, it } from '@jest/globals';
import { BadFrameError, FrameReader } from './frame-reader.js';
import { encodePdu } from './pdu-codec.js';

const units = Array.from({ length: 40 }, (_, i) =>
  encodePdu({ command: 'submit_sm_resp', status: 0, sequence: i + 1, messageId: 'x'.repeat(i) }),
);
const stream = Buffer.concat(units);
const header = (length: number): Buffer => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(length, 0);
  return bytes;
};

describe('units of a stream', () => {
  it.each([[[1]], [[3]], [[4]], [[16]], [[17, 1, 40]], [[1000, 5]], [[stream.length]]])(
    'are the same however it was cut: %j',
    (sizes) => {
      const reader = new FrameReader();
      const frames: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        frames.push(...reader.push(stream.subarray(at, at + size)));
        at += size;
      }
      expect(frames).toEqual(units);
    },
  );

  it('of the largest size are taken', () => {
    const large = Buffer.concat([header(70_000), Buffer.alloc(70_000 - 16)]);
    const reader = new FrameReader();
    expect(reader.push(large.subarray(0, 60_000))).toEqual([]);
    expect(reader.push(large.subarray(60_000))).toEqual([large]);
  });

  it.each([0, 15, 70_001, 0x7fffffff, 0xffffffff])('that claim %s octets are refused as soon as they do', (length) => {
    expect(() => new FrameReader().push(header(length).subarray(0, 4))).toThrow(BadFrameError);
  });

  it('before a refused one are not handed out: the place of all of them is in doubt', () => {
    const reader = new FrameReader();
    expect(() => reader.push(Buffer.concat([stream, header(3)]))).toThrow(BadFrameError);
  });
});
