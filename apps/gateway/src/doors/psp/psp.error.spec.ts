import { describe, expect, it } from '@jest/globals';
import { AppError } from '#contracts';
import { OverloadedError } from '#messaging';
import { BodyError } from '../../http/raw-body.js';
import { IntakeError } from '../../intake/intake-error.js';
import { PSP_CODES } from './psp.codes.js';
import { refusal } from './psp.envelope.js';
import { PspError, toPspFailure } from './psp.error.js';

const ID = 'request-1';

describe('an error at the psp door', () => {
  it.each([new OverloadedError(10_000), new AppError('REGISTRY_CLOSED', 'transient', 'come back later')])(
    'sheds load with 503: %s',
    (error) => {
      expect(toPspFailure(error, ID)).toMatchObject({ status: 503, code: 'internal', retryAfterMs: 1000 });
    },
  );

  it.each([new Error('relation "secret" does not exist'), 'a text', undefined, new AppError('X', 'bug', 'secret')])(
    'that nobody foresaw says nothing but the request id: %s',
    (error) => {
      const failure = toPspFailure(error, ID);
      expect(failure).toMatchObject({ status: 500, code: 'internal', isUnforeseen: true });
      expect(failure.message).toContain(ID);
      expect(failure.message).not.toContain('secret');
    },
  );

  it.each(['too_large', 'not_utf8', 'not_json', 'too_deep', 'not_object', 'forbidden_key'] as const)(
    'of a body (%s) is a parameter error that says so',
    (reason) => {
      const { status, code, message } = toPspFailure(new BodyError(reason, 'x'), ID);
      expect([status, code]).toEqual([400, 'parameter']);
      expect(message).toContain('请求体');
    },
  );

  it.each([
    ['channel_closed', 'forbidden', 403],
    ['channel_off', 'forbidden', 403],
    ['sensitive_word', 'parameter', 400],
    ['text_invalid', 'parameter', 400],
    ['idempotency_conflict', 'parameter', 400],
    ['sms_quota_exceeded', 'rate', 429],
  ] as const)('of the intake: %s → %s, HTTP %i', (refused, code, status) => {
    expect(toPspFailure(new IntakeError(refused, 'x'), ID)).toMatchObject({ code, status });
  });

  it('carries the number of its code, and its own words', () => {
    for (const [name, [number, status]] of Object.entries(PSP_CODES)) {
      if (name === 'internal') continue;
      const failure = toPspFailure(new PspError(name as keyof typeof PSP_CODES, 'words'), ID);
      expect(failure).toMatchObject({ status, message: 'words', isUnforeseen: false });
      expect(refusal(failure.code, failure.message)).toEqual({
        ret: 'FAIL',
        data: { error_code: number, error_msg: 'words' },
      });
    }
  });
});
