import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../port/channel-provider.port.js';
import { blamesOneNumber, TENCENT_REFUSALS } from './tencent-sms.outcomes.js';

/** 20:00 in China: four hours before the next day, twelve before advertising may be sent. */
const nowMs = Date.parse('2026-11-26T12:00:00Z');
const HOUR_MS = 3_600_000;
const outcomeOf = (code: string, more: { attempt?: number; isListedTemplate?: boolean } = {}): Outcome =>
  TENCENT_REFUSALS.outcomeOf({ code, words: 'words', attempt: 1, nowMs, isListedTemplate: true, ...more });

describe('outcome of a code of Tencent SMS', () => {
  it.each([
    [
      'retry',
      ['InternalError.Timeout', 'InternalError.OtherError', 'InternalError.SendAndRecvFail', 'ResourceUnavailable'],
    ],
    ['bad_recipient', ['InvalidParameterValue.IncorrectPhoneNumber', 'FailedOperation.PhoneNumberInBlacklist']],
    [
      'bad_content',
      [
        ...['FailedOperation.ContainSensitiveWord', 'InvalidParameterValue.ContentLengthLimit'],
        ...['LimitExceeded.PhoneNumberCountLimit', 'InvalidParameterValue.TemplateParameterFormatError'],
        ...['InvalidParameterValue.ProhibitedUseUrlInTemplateParameter', 'UnsupportedOperation.UnsuportedRegion'],
        ...['MissingParameter', 'FailedOperation.SomethingNew'],
      ],
    ],
    [
      'bad_config',
      [
        ...['FailedOperation.SignatureIncorrectOrUnapproved', 'FailedOperation.TemplateIncorrectOrUnapproved'],
        ...['FailedOperation.InsufficientBalanceInSmsPackage', 'InvalidParameterValue.SdkAppIdNotExist'],
        ...['UnauthorizedOperation.RequestIpNotInWhitelist', 'UnauthorizedOperation.SerivceSuspendDueToArrears'],
        ...['AuthFailure.SignatureExpire', 'AuthFailure.SignatureFailure', 'AuthFailure.SecretIdNotFound'],
        ...['InternalError.SigVerificationFail', 'InternalError.SigFieldMissing', 'InternalError.RequestTimeException'],
        ...['InvalidParameter.AppidAndBizId', 'IpNotInWhitelist', 'NoSuchVersion', 'InvalidAction'],
      ],
    ],
  ])('%s: %j', (expected, codes) => {
    for (const code of codes) expect(outcomeOf(code)).toEqual({ class: expected, code, words: 'words' });
  });

  it.each([
    ['LimitExceeded.DeliveryFrequencyLimit', 61_000],
    ['LimitExceeded.PhoneNumberThirtySecondLimit', 30_000],
    ['LimitExceeded.PhoneNumberOneHourLimit', HOUR_MS],
    ['LimitExceeded.PhoneNumberDailyLimit', 4 * HOUR_MS],
    ['LimitExceeded.PhoneNumberSameContentDailyLimit', 4 * HOUR_MS],
    ['LimitExceeded.SomethingNew', 61_000],
    ['FailedOperation.MarketingSendTimeConstraint', 12 * HOUR_MS],
  ])('%s keeps the one number waiting %i ms', (code, retryAfterMs) => {
    expect(outcomeOf(code)).toEqual({ class: 'rate_limited', code, words: 'words', retryAfterMs });
  });

  it.each([
    ['RequestLimitExceeded', 1000],
    ['RequestLimitExceeded.IPLimitExceeded', 1000],
    ['LimitExceeded.AppDailyLimit', 4 * HOUR_MS],
    ['LimitExceeded.DailyLimit', 4 * HOUR_MS],
  ])('%s keeps the whole account waiting %i ms', (code, retryAfterMs) => {
    expect(outcomeOf(code)).toEqual({ class: 'rate_limited', code, words: 'words', retryAfterMs, isAccountWide: true });
  });

  it('does not blame the account for a template that only a message names', () => {
    const code = 'FailedOperation.TemplateIncorrectOrUnapproved';
    expect(outcomeOf(code, { isListedTemplate: false }).class).toBe('bad_content');
  });
});

it.each([
  ['InvalidParameterValue.IncorrectPhoneNumber', true],
  ['FailedOperation.PhoneNumberInBlacklist', true],
  ['LimitExceeded.PhoneNumberDailyLimit', true],
  ['LimitExceeded.PhoneNumberCountLimit', true],
  ['UnsupportedOperation.UnsuportedRegion', true],
  ['FailedOperation.ContainSensitiveWord', false],
  ['AuthFailure.SignatureFailure', false],
  ['RequestLimitExceeded', false],
  ['InternalError.Timeout', false],
])('%s of a whole call may be for the sake of one number: %s', (code, expected) => {
  expect(blamesOneNumber(code)).toBe(expected);
});
