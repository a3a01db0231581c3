import { describe, expect, it } from '@jest/globals';
import { isTokenErrcode, outcomeOfErrcode } from './wechat.outcomes.js';

const now = Date.parse('2026-03-04T15:30:00Z'); // 23:30 in China
const send = (errcode: number): ReturnType<typeof outcomeOfErrcode> => outcomeOfErrcode(errcode, 'words', [], now);
const token = (errcode: number): ReturnType<typeof outcomeOfErrcode> =>
  outcomeOfErrcode(errcode, 'words', [], now, 'token');

describe('errcodes of wechat', () => {
  it.each([
    ['retry', [-1, 99999]],
    ['auth_refresh', [40001, 40014, 42001]],
    ['rate_limited', [45009, 45011, 43117, 40241]],
    ['bad_recipient', [40003, 43004, 43019, 50005, 43101]],
    ['bad_config', [40013, 40125, 40164, 48001, 48004, 41001, 61004]],
    ['bad_content', [40037, 40036, 47001, 47003, 45002, 50002, 43116, 40249]],
  ])('sending: %s for %j', (expected, errcodes) => {
    for (const errcode of errcodes)
      expect(send(errcode)).toMatchObject({ class: expected, code: String(errcode), words: 'words' });
  });

  it.each([
    ['bad_config', [40001, 40125, 40013, 40164, 41002, 41004, 40002, 43002, 50004, 50007, 61004]],
    ['retry', [-1, 99999]],
    ['rate_limited', [45009, 45011]],
  ])('asking for a token: %s for %j', (expected, errcodes) => {
    for (const errcode of errcodes) expect(token(errcode)).toMatchObject({ class: expected, code: String(errcode) });
  });

  it('say of a token that another one may be better', () => {
    expect([40001, 40014, 42001, 41001, 40003, -1].map(isTokenErrcode)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('hold the account, or the person only', () => {
    expect(send(45009)).toMatchObject({ isAccountWide: true, retryAfterMs: 30 * 60_000 });
    expect(send(45011)).toMatchObject({ isAccountWide: true, retryAfterMs: 60_000 });
    for (const errcode of [43117, 40241]) {
      expect(send(errcode)).not.toHaveProperty('isAccountWide');
      expect(send(errcode).retryAfterMs).toBeGreaterThanOrEqual(60_000);
    }
    expect(send(-1)).not.toHaveProperty('retryAfterMs');
  });

  it('blank secrets in WeChat’s words and bound them', () => {
    const outcome = outcomeOfErrcode(40003, `the-secret ${'long '.repeat(500)}`, ['the-secret'], now);
    expect(outcome.words).toMatch(/^\*\*\* long/);
    expect(outcome.words?.length).toBeLessThanOrEqual(500);
    expect(outcomeOfErrcode(40003, { no: 'text' }, [], now)).not.toHaveProperty('words');
  });
});
