import { describe, expect, it } from '@jest/globals';
import { smsSegments } from '#content';
import { decodeGsm7 } from './gsm7.js';
import { messageParts } from './message-parts.js';

const decode = (dataCoding: number, octets: Buffer): string =>
  dataCoding === 0 ? decodeGsm7(octets) : Buffer.from(octets).swap16().toString('utf16le');

const TEXTS: [text: string, parts: number][] = [
  ['a', 1],
  ['a'.repeat(160), 1],
  ['a'.repeat(161), 2],
  ['€'.repeat(80), 1],
  ['€'.repeat(81), 2],
  [`${'a'.repeat(152)}€${'b'.repeat(20)}`, 2],
  ['€'.repeat(153), 3],
  ['字'.repeat(70), 1],
  ['字'.repeat(71), 2],
  ['字'.repeat(134), 2],
  ['字'.repeat(135), 3],
  [`${'字'.repeat(66)}😀${'字'.repeat(20)}`, 2],
  ['😀'.repeat(67), 3],
];

describe('parts of a text', () => {
  it.each(TEXTS)('%#: keep every character whole and say the same together', (text, count) => {
    const message = messageParts(text, 0x1ab, 'auto');
    expect(message?.parts).toHaveLength(count);
    expect(message?.hasHeader).toBe(count > 1);
    const pieces = message?.parts.map((part) => (count > 1 ? part.subarray(6) : part)) ?? [];
    const texts = pieces.map((piece) => decode(message?.dataCoding ?? 0, piece));
    expect(texts.join('')).toBe(text);
    for (const piece of texts) expect(piece).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/);
    if (count > 1) {
      expect(message?.parts.map((part) => [...part.subarray(0, 6)])).toEqual(
        message?.parts.map((_, index) => [5, 0, 3, 0xab, count, index + 1]),
      );
    }
    for (const part of message?.parts ?? [])
      expect(part.length).toBeLessThanOrEqual(message?.dataCoding === 0 ? 160 : 140);
  });

  it.each(TEXTS)('%#: are as many as budgets count', (text) => {
    expect(messageParts(text, 1, 'auto')?.parts).toHaveLength(smsSegments(text).segments);
  });

  it('are UCS-2 where the account wants nothing else', () => {
    expect(messageParts('plain', 1, 'ucs2')).toEqual({
      dataCoding: 8,
      hasHeader: false,
      parts: [Buffer.from('0070006c00610069006e', 'hex')],
    });
  });

  it('are at most 255', () => {
    expect(messageParts('字'.repeat(67 * 255), 1, 'auto')?.parts).toHaveLength(255);
    expect(messageParts('字'.repeat(67 * 255 + 1), 1, 'auto')).toBeNull();
  });
});
