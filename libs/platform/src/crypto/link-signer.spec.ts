import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { LinkSigner } from './link-signer.js';

const key = randomBytes(32);
const signer = new LinkSigner(key);
const inAMinuteS = () => Math.floor(Date.now() / 1000) + 60;

describe('LinkSigner', () => {
  it('verifies what it signed, in letters that a URL takes as they are', () => {
    const expiresAtS = inAMinuteS();
    const signature = signer.sign('page', 'AZjB-待办', expiresAtS);
    expect(signature).toMatch(/^[\w-]{43}$/);
    expect(signer.verify('page', 'AZjB-待办', expiresAtS, signature)).toBe(true);
    expect(new LinkSigner(key).sign('page', 'AZjB-待办', expiresAtS)).toBe(signature);
  });

  it.each([
    ['another purpose', ['image', 'a', 0, '']],
    ['another text', ['page', 'b', 0, '']],
    ['another expiry', ['page', 'a', 1, '']],
    ['a longer signature', ['page', 'a', 0, 'A']],
  ] as const)('refuses %s', (_what, [purpose, text, laterS, more]) => {
    const expiresAtS = inAMinuteS();
    const signature = signer.sign('page', 'a', expiresAtS);
    expect(signer.verify(purpose, text, expiresAtS + laterS, signature + more)).toBe(false);
  });

  it('takes no digits of the text for digits of the expiry', () => {
    const expiresAtS = inAMinuteS();
    const signature = signer.sign('page', '7.a', expiresAtS);
    expect(signer.verify('page', 'a', Number(`${expiresAtS}.7`), signature)).toBe(false);
    expect(signer.verify('page', '.a', Number(`${expiresAtS}7`), signature)).toBe(false);
  });

  it.each([
    ['past', -1],
    ['no number', NaN],
    ['endless', Infinity],
  ])('refuses an expiry that is %s', (_what, fromNowS) => {
    const expiresAtS = Math.floor(Date.now() / 1000) + fromNowS;
    expect(signer.verify('page', 'a', expiresAtS, signer.sign('page', 'a', expiresAtS))).toBe(false);
  });

  it.each(['', 'x', '\u0000', '待'.repeat(43)])('refuses %j as a signature', (signature) => {
    expect(signer.verify('page', 'a', inAMinuteS(), signature)).toBe(false);
  });

  it('verifies links of a former key and signs with the new one', () => {
    const next = randomBytes(32);
    const rotated = new LinkSigner(next, [key]);
    const expiresAtS = inAMinuteS();
    expect(rotated.verify('page', 'a', expiresAtS, signer.sign('page', 'a', expiresAtS))).toBe(true);
    expect(signer.verify('page', 'a', expiresAtS, rotated.sign('page', 'a', expiresAtS))).toBe(false);
    expect(new LinkSigner(next).verify('page', 'a', expiresAtS, rotated.sign('page', 'a', expiresAtS))).toBe(true);
  });
});
