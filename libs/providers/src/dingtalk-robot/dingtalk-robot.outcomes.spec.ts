import { describe, expect, it } from '@jest/globals';
import { outcomeOfRobotCode } from './dingtalk-robot.outcomes.js';
import { MinuteWindow } from './minute-window.js';
import { robotSignature } from './robot-signature.js';

describe('outcome of an errcode of a DingTalk robot', () => {
  it.each([
    [[-1], 'retry'],
    [[130101, 410100], 'rate_limited'],
    [[300001, 310000, 400013, 400101, 400102, 400106], 'bad_config'],
    [[40035, 43004, 400105, 430101, 430102, 430103, 430104, 460101], 'bad_content'],
    [[123456], 'retry'],
  ])('%j is %s', (codes, expected) => {
    for (const code of codes) expect([code, outcomeOfRobotCode({ code }).class]).toEqual([code, expected]);
  });

  it('holds the account back for ten minutes when it was too fast', () =>
    expect(outcomeOfRobotCode({ code: 130101 })).toEqual({
      class: 'rate_limited',
      retryAfterMs: 600_000,
      isAccountWide: true,
    }));
});

describe('signature', () => {
  it.each([
    ['SEC1234567890abcdef', 1_700_000_000_000, 'RqBq3E1RTBDv3n2QBCh4adZ2WHk9mVklyUoDBLxarjI='],
    ['密钥', 1_764_089_897_123, '5H71Q+TV6CaLney8JfilgwUFDMnRbD41pXGlBQ2te9M='],
  ])('of %s at %i is what Python’s hmac makes of them', (secret, timestampMs, expected) =>
    expect(robotSignature(secret, timestampMs)).toBe(expected),
  );
});

describe('window of a minute', () => {
  it('has so many places, and tells when the next one is free', () => {
    const window = new MinuteWindow(3);
    expect([0, 10_000, 20_000].map((at) => window.take(at))).toEqual([0, 0, 0]);
    expect(window.take(30_000.5)).toBe(30_000);
    expect(window.take(60_000)).toBe(0);
    expect(window.take(60_001)).toBe(9_999);
  });
});
