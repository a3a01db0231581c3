import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { LONGEST_BOUNCE_NAME, bounceAddressOf, findBounceRef } from './bounce-address.js';
import { MAIL_ADDRESS } from './mail-address.js';

const BASE = 'bounce@example.com';
const newRef = (): string => randomBytes(26).toString('base64url');

describe('return path of a delivery', () => {
  it('is one mail address of at most 64 characters before the @, and names the delivery after any change of case', () => {
    for (let i = 0; i < 500; i++) {
      const ref = newRef();
      const base = `${'b'.repeat(LONGEST_BOUNCE_NAME)}@example.com`;
      const address = bounceAddressOf(ref, base);
      expect(address).toMatch(MAIL_ADDRESS);
      expect(address.indexOf('@')).toBe(64);
      expect(findBounceRef(address, base)).toBe(ref);
      expect(findBounceRef(address.toUpperCase(), base)).toBe(ref);
    }
  });

  it.each(Array.from({ length: 35 }, (_, i) => i + 1))('keeps a reference of %d characters', (length) => {
    for (const letter of ['A', '_', 'z', '9']) {
      const ref = letter.repeat(length);
      expect(findBounceRef(bounceAddressOf(ref, BASE), BASE)).toBe(ref);
    }
  });

  it('is written as it was on the day it was invented, for bounces come days later', () => {
    expect(bounceAddressOf('AbC-_1', BASE)).toBe('bounce+agyl572q@example.com');
  });

  it('is the plain address where the reference does not fit', () => {
    for (const ref of ['a'.repeat(36), 'a b', '', 'a@b']) expect(bounceAddressOf(ref, BASE)).toBe(BASE);
  });

  it.each([
    ['<bounce+agyl572q@example.com>', 'AbC-_1'],
    ['prvs=2815bounce+agyl572q@example.com', 'AbC-_1'],
    ['"Bounce" <BOUNCE+AGYL572Q@EXAMPLE.COM>, other@x.test', 'AbC-_1'],
    ['rfc822; bounce+agyl572q@example.com.', 'AbC-_1'],
    ['bounce+agyl572q@example.com.evil.test', undefined],
    ['bounce+agyl572q@exampleXcom', undefined],
    ['bounce@example.com', undefined],
    ['bounce+@example.com', undefined],
    ['bounce+agyl572q0189@example.com', undefined],
    [`bounce+${'a'.repeat(43)}@example.com`, undefined],
  ])('is found in %j: %j', (text, ref) => {
    expect(findBounceRef(text, BASE)).toBe(ref);
  });

  it('takes an address with pattern characters literally', () => {
    const base = 'b.o+u{n}c$e@mail-1.example.com';
    expect(findBounceRef(bounceAddressOf('AbC-_1', base), base)).toBe('AbC-_1');
    expect(findBounceRef('bXo+u{n}c$e+agyl572q@mail-1.example.com', base)).toBeUndefined();
  });
});
