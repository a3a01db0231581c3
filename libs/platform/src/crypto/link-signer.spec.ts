import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { LinkSigner } from './link-signer.js';

const key = randomBytes(32);
const signer = new LinkSigner(key);
const NOW_S = 1_767_225_600;
const NOW_MS = NOW_S * 1000;
const IN_A_MINUTE_S = NOW_S + 60;

describe('LinkSigner', () => {
  it('verifies what it signed, in letters that a URL takes as they are', () => {
    const expiresAtS = IN_A_MINUTE_S;
    const signature = signer.sign('page', 'AZjB-待办', expiresAtS);
    expect(signature).toMatch(/^[\w-]{43}$/);
    expect(signer.verify('page', 'AZjB-待办', expiresAtS, signature, NOW_MS)).toBe(true);
    expect(new LinkSigner(key).sign('page', 'AZjB-待办', expiresAtS)).toBe(signature);
  });

  it.each([
    ['another purpose', ['image', 'a', 0, '']],
    ['another text', ['page', 'b', 0, '']],
    ['another expiry', ['page', 'a', 1, '']],
    ['a longer signature', ['page', 'a', 0, 'A']],
  ] as const)('refuses %s', (_what, [purpose, text, laterS, more]) => {
    const expiresAtS = IN_A_MINUTE_S;
    const signature = signer.sign('page', 'a', expiresAtS);
    expect(signer.verify(purpose, text, expiresAtS + laterS, signature + more, NOW_MS)).toBe(false);
  });

  it('takes no digits of the text for digits of the expiry', () => {
    const expiresAtS = IN_A_MINUTE_S;
    const signature = signer.sign('page', '7.a', expiresAtS);
    expect(signer.verify('page', 'a', Number(`${expiresAtS}.7`), signature, NOW_MS)).toBe(false);
    expect(signer.verify('page', '.a', Number(`${expiresAtS}7`), signature, NOW_MS)).toBe(false);
  });

  it.each([
    ['past', -1],
    ['no number', NaN],
    ['endless', Infinity],
  ])('refuses an expiry that is %s', (_what, fromNowS) => {
    const expiresAtS = NOW_S + fromNowS;
    expect(signer.verify('page', 'a', expiresAtS, signer.sign('page', 'a', expiresAtS), NOW_MS)).toBe(false);
  });

  it.each(['', 'x', '\u0000', '待'.repeat(43)])('refuses %j as a signature', (signature) => {
    expect(signer.verify('page', 'a', IN_A_MINUTE_S, signature, NOW_MS)).toBe(false);
  });

  it('verifies links of a former key and signs with the new one', () => {
    const next = randomBytes(32);
    const rotated = new LinkSigner(next, [key]);
    const expiresAtS = IN_A_MINUTE_S;
    expect(rotated.verify('page', 'a', expiresAtS, signer.sign('page', 'a', expiresAtS), NOW_MS)).toBe(true);
    expect(signer.verify('page', 'a', expiresAtS, rotated.sign('page', 'a', expiresAtS), NOW_MS)).toBe(false);
    expect(new LinkSigner(next).verify('page', 'a', expiresAtS, rotated.sign('page', 'a', expiresAtS), NOW_MS)).toBe(
      true,
    );
  });
});
