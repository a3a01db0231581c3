import { describe, expect, it } from '@jest/globals';
import { AppError } from '#contracts';
import { OverloadedError } from '#messaging';
import { TokenThrottledError } from '../../access/issue-token.service.js';
import { BodyError } from '../../http/raw-body.js';
import { IntakeError } from '../../intake/intake-error.js';
import { PLATFORM_CODES } from './platform.codes.js';
import { PlatformError, badParameter, toPlatformFailure } from './platform.error.js';

const ID = 'request-1';

describe('an error at the platform door', () => {
  it('has one of 35 codes, each with Chinese words', () => {
    const codes = Object.values(PLATFORM_CODES);
    expect(new Set(codes.map(([code]) => code)).size).toBe(35);
    for (const [, words] of codes) expect(words).toMatch(/\p{Script=Han}/u);
  });

  it.each([new Error('relation "secret" does not exist'), 'a text', undefined, new AppError('X', 'bug', 'secret')])(
    'that nobody foresaw says nothing but the request id: %s',
    (error) => {
      const failure = toPlatformFailure(error, ID);
      expect(failure).toMatchObject({ code: 'other', isUnforeseen: true, message: expect.stringContaining(ID) });
      expect(failure.message).not.toContain('secret');
    },
  );

  it.each([
    [new OverloadedError(10_000), 1000],
    [new AppError('REGISTRY_CLOSED', 'transient', 'come back later'), 1000],
    [new TokenThrottledError(4200), 4200],
  ])('that passes says when to come back: %s', (error, retryAfterMs) => {
    expect(toPlatformFailure(error, ID)).toMatchObject({ code: 'other', retryAfterMs, isUnforeseen: false });
  });

  it.each(['too_large', 'not_utf8', 'not_json', 'too_deep', 'not_object', 'forbidden_key'] as const)(
    'of a body (%s) is 500001',
    (reason) => {
      expect(toPlatformFailure(new BodyError(reason, 'x'), ID)).toMatchObject({ code: 'parameter' });
    },
  );

  it('of the door keeps its words', () => {
    expect(toPlatformFailure(badParameter('count', '过大'), ID).message).toBe('参数 count 过大');
    expect(toPlatformFailure(new PlatformError('notTodo'), ID).message).toBe('无效的待办消息');
  });

  it('of the intake names what stands in the way', () => {
    const words = (...error: ConstructorParameters<typeof IntakeError>): string =>
      toPlatformFailure(new IntakeError(...error), ID).message;
    expect(words('channel_off', 'x', 'channels', { channel: 'sms' })).toContain('sms');
    expect(words('param_missing', 'x', 'params', { param: 'keyword2' })).toContain('keyword2');
    const users = Array.from({ length: 11 }, (_, i) => `u${i}`);
    expect(words('todo_duplicate', 'x', 'to.users', { users })).toMatch(/u0、.*u9 等$/);
  });
});
