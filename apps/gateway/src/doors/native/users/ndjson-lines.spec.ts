import { describe, expect, it } from '@jest/globals';
import { ndjsonLines } from './ndjson-lines.js';

async function linesOf(chunks: string[], maxLineBytes = 10): Promise<[number, string | null][]> {
  const lines: [number, string | null][] = [];
  async function* stream(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  for await (const { number, bytes } of ndjsonLines(stream(), maxLineBytes)) {
    lines.push([number, bytes?.toString() ?? null]);
  }
  return lines;
}

describe('ndjsonLines', () => {
  it('puts lines together however the stream is cut', async () => {
    const expected = [
      [1, 'one'],
      [2, ''],
      [3, 'three'],
    ];
    expect(await linesOf(['one\n\nthree'])).toEqual(expected);
    expect(await linesOf([...'one\n\nthree\n'])).toEqual(expected);
  });

  it('keeps only the number of a line that is too long, and goes on after it', async () => {
    const chunks = ['x'.repeat(10), '\n', 'x'.repeat(8), 'x'.repeat(8), 'x\nnext'];
    expect(await linesOf(chunks)).toEqual([
      [1, 'x'.repeat(10)],
      [2, null],
      [3, 'next'],
    ]);
  });

  it('finds nothing in an empty stream', async () => {
    expect(await linesOf([])).toEqual([]);
  });
});
