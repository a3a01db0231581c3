import { describe, expect, it } from '@jest/globals';
import { decodeText } from './decode-text.js';

describe('text of a received message', () => {
  it.each([
    [0x00, '001b65', '@€'],
    [0x01, '4869', 'Hi'],
    [0x03, 'e9', 'é'],
    [0x06, 'bfe0d8d2d5e2', 'Привет'],
    [0x08, '90008ba2', '退订'],
    [0x10, '00', '@'],
    [0x18, '9000', '退'],
    [0xf0, '00', '@'],
  ])('of data_coding 0x%s', (dataCoding, hex, text) => {
    expect(decodeText(dataCoding, Buffer.from(hex, 'hex'))).toBe(text);
  });

  it.each([0x02, 0x04, 0x09, 0x14, 0xf4])('is none for data_coding %s, which is not text', (dataCoding) => {
    expect(decodeText(dataCoding, Buffer.from('4869', 'hex'))).toBeNull();
  });

  it('holds no NUL and no half character, whatever came', () => {
    expect(decodeText(0x08, Buffer.from('00410000d83d0042', 'hex'))).toBe('A\ufffdB');
    expect(decodeText(0x08, Buffer.from('0041ff', 'hex'))).toBe('A\ufffd');
    expect(decodeText(0x01, Buffer.from('410042', 'hex'))).toBe('AB');
  });
});
