import { describe, expect, it } from '@jest/globals';
import { safeEqual, sha256 } from './digest.js';
import { randomSecret, randomToken, randomWebhookSecret } from './random.js';

describe('safeEqual', () => {
  it('agrees with equality for every pair of lengths from 0 to 64, and never throws', () => {
    for (let a = 0; a <= 64; a += 1) {
      for (let b = 0; b <= 64; b += 1) expect(safeEqual('x'.repeat(a), 'x'.repeat(b))).toBe(a === b);
    }
  });

  it('sees a difference in any place', () => {
    const secret = randomSecret();
    for (let i = 0; i < secret.length; i += 1) {
      const other = `${secret.slice(0, i)}${secret[i] === 'z' ? 'y' : 'z'}${secret.slice(i + 1)}`;
      expect(safeEqual(secret, other)).toBe(false);
    }
    expect(safeEqual(Buffer.from('é'), 'é')).toBe(true);
  });
});

describe('sha256', () => {
  it('matches the published test vector', () => {
    expect(sha256('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('random values', () => {
  it('come in their promised forms and never twice', () => {
    const forms: [() => string, RegExp][] = [
      [randomToken, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
      [randomSecret, /^[0-9a-f]{32}$/],
      [randomWebhookSecret, /^whsec_[A-Za-z0-9+/]{43}=$/],
    ];
    for (const [make, form] of forms) {
      const values = Array.from({ length: 500 }, make);
      expect(values.every((value) => form.test(value))).toBe(true);
      expect(new Set(values).size).toBe(500);
    }
  });
});
