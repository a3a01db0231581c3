import { describe, expect, it } from '@jest/globals';
import smpp from 'smpp';
import { decodeGsm7, encodeGsm7 } from './gsm7.js';

const CHARACTERS =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€';

describe('GSM alphabet', () => {
  it('has the codes that others give it', () => {
    expect(encodeGsm7(CHARACTERS)).toEqual(smpp.gsmCoder.encode(CHARACTERS, 0));
    expect(decodeGsm7(smpp.gsmCoder.encode(CHARACTERS, 0))).toBe(CHARACTERS);
  });

  it('takes one octet a character, two behind the escape', () => {
    expect(encodeGsm7('@A')?.toString('hex')).toBe('0041');
    expect(encodeGsm7('€')?.toString('hex')).toBe('1b65');
  });

  it.each(['中', '`', 'ç', '\t', '\u001b', '\u00a0', '😀', '\0'])('does not have %j', (character) => {
    expect(encodeGsm7(`a${character}`)).toBeNull();
  });

  it('reads anything: an escape to nowhere is a space, the eighth bit is not looked at', () => {
    expect(decodeGsm7(Buffer.from([0x41, 0x1b, 0x41, 0xc2, 0x1b]))).toBe('A B ');
  });
});
