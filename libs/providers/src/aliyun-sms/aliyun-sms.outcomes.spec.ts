import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../port/channel-provider.port.js';
import { ALIYUN_REFUSALS } from './aliyun-sms.outcomes.js';

/** 20:00 in China, four hours before the next day; five days before the next month. */
const nowMs = Date.parse('2026-11-26T12:00:00Z');
const outcomeOf = (code: string, more: { attempt?: number; isListedTemplate?: boolean } = {}): Outcome =>
  ALIYUN_REFUSALS.outcomeOf({ code, words: 'words', attempt: 1, nowMs, isListedTemplate: true, ...more });
const HOUR_MS = 3_600_000;

describe('outcome of a code of Aliyun SMS', () => {
  it.each([
    ['retry', ['isp.SYSTEM_ERROR', 'isp.GATEWAY_ERROR', 'isp.UNKNOWN', 'SignatureNonceUsed', 'ServiceUnavailable']],
    ['bad_recipient', ['isv.MOBILE_NUMBER_ILLEGAL']],
    [
      'bad_content',
      [
        ...[
          'isv.SMS_CONTENT_ILLEGAL',
          'isv.EXTEND_CODE_ERROR',
          'isv.TEMPLATE_MISSING_PARAMETERS',
          'isv.INVALID_JSON_PARAM',
        ],
        ...[
          'isv.INVALID_PARAMETERS',
          'isv.PARAM_LENGTH_LIMIT',
          'isv.PARAM_NOT_SUPPORT_URL',
          'isv.MOBILE_COUNT_OVER_LIMIT',
        ],
        'isv.SOMETHING_NEW',
      ],
    ],
    [
      'bad_config',
      [
        ...[
          'isv.SMS_SIGNATURE_ILLEGAL',
          'isv.SMS_SIGNATURE_SCENE_ILLEGAL',
          'isv.SMS_SIGN_ILLEGAL',
          'isv.SIGN_STATE_ILLEGAL',
        ],
        ...['isv.SMS_TEMPLATE_ILLEGAL', 'isp.RAM_PERMISSION_DENY', 'isv.OUT_OF_SERVICE', 'isv.AMOUNT_NOT_ENOUGH'],
        ...['isv.ACCOUNT_NOT_EXISTS', 'isv.ACCOUNT_ABNORMAL', 'isv.PRODUCT_UN_SUBSCRIPT', 'isv.PRODUCT_UNSUBSCRIBE'],
        ...['isv.DENY_IP_RANGE', 'InvalidAccessKeyId.NotFound', 'InvalidAccessKeyId.Inactive', 'SignatureDoesNotMatch'],
        ...['IncompleteSignature', 'InvalidTimeStamp.Expired', 'Forbidden.RAM', 'NoPermission'],
      ],
    ],
  ])('%s: %j', (expected, codes) => {
    for (const code of codes) expect(outcomeOf(code)).toEqual({ class: expected, code, words: 'words' });
  });

  it.each(['isv.BLACK_KEY_CONTROL_LIMIT', 'isv.DOMESTIC_NUMBER_NOT_SUPPORTED'])(
    '%s leaves the number as it is',
    (code) => {
      expect(outcomeOf(code)).toEqual({ class: 'bad_recipient', isAddressKept: true, code, words: 'words' });
    },
  );

  it.each([
    ['Throttling', 1000],
    ['Throttling.User', 1000],
    ['isv.DAY_LIMIT_CONTROL', 4 * HOUR_MS],
    ['isv.MONTH_LIMIT_CONTROL', (4 + 4 * 24) * HOUR_MS],
  ])('%s keeps the whole account waiting %i ms', (code, retryAfterMs) => {
    expect(outcomeOf(code)).toEqual({ class: 'rate_limited', code, words: 'words', retryAfterMs, isAccountWide: true });
  });

  it('isv.BUSINESS_LIMIT_CONTROL keeps the one number waiting, longer each time', () => {
    const waits = [1, 2, 3, 50].map((attempt) => outcomeOf('isv.BUSINESS_LIMIT_CONTROL', { attempt }));
    expect(waits.map(({ retryAfterMs }) => retryAfterMs)).toEqual([61_000, 600_000, HOUR_MS, HOUR_MS]);
    for (const wait of waits) expect(wait).not.toHaveProperty('isAccountWide');
  });

  it('does not blame the account for a template that only a message names', () => {
    for (const code of ['isv.SMS_TEMPLATE_ILLEGAL', 'isv.SMS_SIGNATURE_SCENE_ILLEGAL'])
      expect(outcomeOf(code, { isListedTemplate: false }).class).toBe('bad_content');
    expect(outcomeOf('isv.OUT_OF_SERVICE', { isListedTemplate: false }).class).toBe('bad_config');
  });

  it('keeps to what an outcome may carry, and knows no code of a prototype', () => {
    expect(outcomeOf(`isv.${'X\n'.repeat(100)}`).code).toHaveLength(64);
    expect(outcomeOf('constructor').class).toBe('retry');
  });
});
