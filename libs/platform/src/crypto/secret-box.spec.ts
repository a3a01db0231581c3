import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseMasterKey } from './master-key.js';
import { SecretBox } from './secret-box.js';

const key = randomBytes(32);
const box = new SecretBox(key);
const unreadable = expect.objectContaining({ code: 'SECRET_UNREADABLE', kind: 'bug' });

describe('SecretBox', () => {
  it.each(['', 'a', 'appSecret', '密钥🔑', 'x'.repeat(100_000)])('opens what it sealed', (text) => {
    expect(box.open(box.seal(text, 'app:1'), 'app:1')).toBe(text);
  });

  it('never seals the same text to the same bytes, and hides it', () => {
    const sealed = Array.from({ length: 50 }, () => box.seal('canary', 'a').toString('hex'));
    expect(new Set(sealed).size).toBe(50);
    expect(sealed.join('')).not.toContain(Buffer.from('canary').toString('hex'));
  });

  it('does not open a value that was moved to another place', () => {
    const sealed = box.seal('s', 'client_app:1:secret');
    for (const aad of ['client_app:2:secret', 'client_app:1:secret ', '']) {
      expect(() => box.open(sealed, aad)).toThrow(unreadable);
    }
  });

  it('does not open a value of which any byte was changed, cut or added', () => {
    const sealed = box.seal('secret', 'a');
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(i) ^ 1, i);
      expect(() => box.open(changed, 'a')).toThrow(unreadable);
      expect(() => box.open(sealed.subarray(0, i), 'a')).toThrow(unreadable);
    }
    expect(() => box.open(Buffer.concat([sealed, Buffer.of(0)]), 'a')).toThrow(unreadable);
  });

  it('does not open with another key', () => {
    expect(() => new SecretBox(randomBytes(32)).open(box.seal('s', 'a'), 'a')).toThrow(unreadable);
  });

  it('opens with a former key and seals with the new one', () => {
    const next = randomBytes(32);
    const rotated = new SecretBox(next, [key]);
    expect(rotated.open(box.seal('s', 'a'), 'a')).toBe('s');
    expect(new SecretBox(next).open(rotated.seal('s', 'a'), 'a')).toBe('s');
    expect(() => box.open(rotated.seal('s', 'a'), 'a')).toThrow(unreadable);
  });

  it('finds the right key among many, also where ids of one byte collide', () => {
    const keys = Array.from({ length: 600 }, () => randomBytes(32));
    const sealed = keys.map((k, i) => new SecretBox(k).seal(`s${i}`, 'a'));
    const all = new SecretBox(key, keys);
    sealed.forEach((bytes, i) => expect(all.open(bytes, 'a')).toBe(`s${i}`));
  });

  it('tells in its error neither text nor key', () => {
    const failure = (() => {
      try {
        return box.open(new SecretBox(randomBytes(32)).seal('canary', 'aad-canary'), 'aad-canary');
      } catch (error) {
        return error as Error;
      }
    })();
    expect(String(failure)).not.toMatch(new RegExp(`canary|${key.toString('hex')}`));
  });

  it('takes keys of 32 bytes only', () => {
    expect(() => new SecretBox(randomBytes(16))).toThrow(expect.objectContaining({ code: 'MASTER_KEY_LENGTH' }));
  });
});

describe('parseMasterKey', () => {
  it('reads hex of either case, base64 and base64url as the same bytes', () => {
    for (const text of [
      key.toString('hex'),
      key.toString('hex').toUpperCase(),
      key.toString('base64'),
      key.toString('base64url'),
    ]) {
      expect(parseMasterKey(text)).toEqual(key);
    }
  });

  it.each([
    '',
    'short',
    'g'.repeat(64),
    randomBytes(33).toString('base64'),
    ` ${'ab'.repeat(32)}`,
    'a'.repeat(100_000),
  ])('refuses what is no key of 32 bytes', (text) => {
    expect(parseMasterKey(text)).toBeNull();
  });
});
