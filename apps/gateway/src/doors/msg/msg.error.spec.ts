import { describe, expect, it } from '@jest/globals';
import { AppError } from '#contracts';
import { OverloadedError } from '#messaging';
import { BodyError } from '../../http/raw-body.js';
import { IntakeError } from '../../intake/intake-error.js';
import { MsgError, toMsgFailure } from './msg.error.js';

const ID = 'request-1';

describe('an error at the msg door', () => {
  it.each([new OverloadedError(10_000), new AppError('REGISTRY_CLOSED', 'transient', 'come back later')])(
    'sheds load with 503: %s',
    (error) => {
      expect(toMsgFailure(error, ID)).toMatchObject({ status: 503, body: { code: 50000, requestId: ID } });
    },
  );

  it.each([new Error('relation "secret" does not exist'), 'a text', undefined, new AppError('X', 'bug', 'secret')])(
    'that nobody foresaw says nothing but the request id: %s',
    (error) => {
      const failure = toMsgFailure(error, ID);
      expect(failure).toMatchObject({ status: 200, body: { code: 50000, requestId: ID } });
      expect(JSON.stringify(failure)).not.toContain('secret');
    },
  );

  it('of the door keeps its code', () => {
    expect(toMsgFailure(new MsgError(40003, 'x'), ID)).toEqual({ status: 200, body: { code: 40003, message: 'x' } });
  });

  it.each(['too_large', 'not_utf8', 'not_json', 'too_deep', 'not_object', 'forbidden_key'] as const)(
    'of a body (%s) is a parameter error that names the body',
    (reason) => {
      const { status, body } = toMsgFailure(new BodyError(reason, 'x'), ID);
      expect([status, body.code]).toEqual([200, 40002]);
      expect(body.message).toContain('body');
    },
  );

  it('of the intake names the channel or the placeholder', () => {
    const closed = toMsgFailure(new IntakeError('channel_closed', 'x', 'channels', { channel: 'sms' }), ID);
    expect(closed.body).toMatchObject({ code: 40300, message: expect.stringContaining('sms') });
    const missing = toMsgFailure(new IntakeError('param_missing', 'x', 'params.p1', { param: 'p1' }), ID);
    expect(missing.body).toMatchObject({ code: 40004, message: expect.stringContaining('p1') });
  });
});
