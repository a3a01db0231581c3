import { describe, expect, it } from '@jest/globals';
import { isFresh, isSignedWith, readSignedCall, validationTokenOf } from './psp.signature.js';

/** The sample of the published interface. */
const APPKEY = '50e26c315270156df0000031';
const SECRET = 'b3a09842d2c86177aa8268ee64f14f7e';
const TIMESTAMP = '1385321933302';
const TOKEN = 'a159e9f76ede3f18bf0a59495ad8bf97';
const headers = (more: Record<string, string> = {}) => ({
  appkey: APPKEY,
  timestamp: TIMESTAMP,
  validationtoken: TOKEN,
  ...more,
});
const codeOf = (call: () => unknown): string | undefined => {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the signature of a call', () => {
  it('is that of the published sample', () => {
    expect(validationTokenOf(APPKEY, SECRET, TIMESTAMP)).toBe(TOKEN);
    expect(isSignedWith(SECRET, readSignedCall(headers()))).toBe(true);
  });

  it('is the same in whatever case id and secret are written', () => {
    expect(validationTokenOf(APPKEY.toUpperCase(), SECRET.toUpperCase(), TIMESTAMP)).toBe(TOKEN);
  });

  it.each([
    ['upper-case hex', TOKEN.toUpperCase()],
    ['one digit off', `${TOKEN.slice(0, -1)}8`],
    ['too short', TOKEN.slice(0, 31)],
    ['too long', `${TOKEN}0`],
    ['another text', '待'.repeat(32)],
  ])('is refused: %s', (_what, token) => {
    expect(isSignedWith(SECRET, { appkey: APPKEY, timestamp: TIMESTAMP, token })).toBe(false);
  });

  it.each([1, 32, 64])('is refused for a secret of %i other characters', (length) => {
    expect(isSignedWith('x'.repeat(length), readSignedCall(headers()))).toBe(false);
  });
});

describe('the headers of a call', () => {
  it.each([
    ['noAppkey', { appkey: '' }],
    ['token', { validationtoken: '' }],
    ['timestamp', { timestamp: '' }],
    ['timestamp', { timestamp: 'NaN' }],
    ['timestamp', { timestamp: '1e30' }],
    ['timestamp', { timestamp: '-1385321933302' }],
    ['timestamp', { timestamp: '+1385321933302' }],
    ['timestamp', { timestamp: '01385321933302' }],
    ['timestamp', { timestamp: '1385321933302.5' }],
    ['timestamp', { timestamp: '0x142' }],
    ['timestamp', { timestamp: '9'.repeat(16) }],
  ])('%s: %j', (code, more) => {
    expect(codeOf(() => readSignedCall(headers(more)))).toBe(code);
  });

  it('name what is missing in the order of the codes', () => {
    expect(codeOf(() => readSignedCall({}))).toBe('noAppkey');
    expect(codeOf(() => readSignedCall({ appkey: APPKEY, timestamp: TIMESTAMP }))).toBe('token');
    expect(codeOf(() => readSignedCall({ appkey: APPKEY, validationtoken: TOKEN }))).toBe('timestamp');
  });
});

describe('the time of a call', () => {
  const MINUTE_MS = 60_000;
  it.each([
    [0, true],
    [10 * MINUTE_MS, true],
    [-10 * MINUTE_MS, true],
    [10 * MINUTE_MS + 1, false],
    [-10 * MINUTE_MS - 1, false],
  ])('%i ms from ours: %s', (offMs, expected) => {
    expect(isFresh(readSignedCall(headers()), Number(TIMESTAMP) + offMs)).toBe(expected);
  });

  it('is in milliseconds: seconds are long ago', () => {
    expect(isFresh({ appkey: APPKEY, timestamp: '1385321933', token: TOKEN }, Number(TIMESTAMP))).toBe(false);
  });
});
