import { describe, expect, it } from '@jest/globals';
import { hintOf } from './channel-hints.js';
import { HINTS } from './hint-table.js';

describe('hint for an error of a channel', () => {
  it.each([
    ['wecom', '40001'],
    ['wecom', '60020'],
    ['wecom', '81013'],
    ['wecom', '40003'],
    ['wecom', '48005'],
    ['wechat', '43019'],
    ['wechat', '50005'],
    ['wechat', '43117'],
    ['wechat', '40241'],
    ['dingtalk', '143104'],
    ['aliyun', 'isv.SIGN_STATE_ILLEGAL'],
    ['aliyun', 'isv.MONTH_LIMIT_CONTROL'],
    ['tencent', 'UnauthorizedOperation'],
    ['tencent', 'UnauthorizedOperation.SmsSdkAppIdVerifyFail'],
    ['tencent', 'LimitExceeded.PhoneNumberThirtySecondLimit'],
    ['tencent', 'LimitExceeded.PhoneNumberOneHourLimit'],
    ['tencent', 'FailedOperation.ContainSensitiveWord'],
    ['tencent', 'InvalidParameterValue.ContentLengthLimit'],
    ['wecom', 'blocked_address'],
    ['tencent', 'invalid_request'],
    ['wechat', '40164'],
    ['wechat', '48001'],
    ['wechat', '45009'],
    ['dingtalk', '88/60011'],
    ['dingtalk-robot', '130101'],
    ['dingtalk-robot', '310000'],
    ['aliyun', 'isv.BUSINESS_LIMIT_CONTROL'],
    ['tencent', 'FailedOperation.SignatureIncorrectOrUnapproved'],
    ['smpp', '0x0e'],
    ['smpp', '0x0E'],
    ['smtp', '535'],
    ['smtp', '535_5.7.8'],
    ['smtp', '550 5.1.1'],
    ['smtp', '550_5.1.1'],
    ['webhook', 'timeout'],
    ['fcm', 'UNREGISTERED'],
    ['apns', 'BadDeviceToken'],
    ['webpush', 'http_410'],
    ['umeng', '2027'],
    ['jpush', '1011'],
    ['anything', 'connection_refused'],
  ])('%s %s has one in both languages', (provider, code) =>
    expect(hintOf(provider, code)).toEqual({
      zh: expect.stringMatching(/^(?=.*[\u4e00-\u9fff]).*。$/),
      en: expect.stringMatching(/^[A-Z].*\.$/),
    }),
  );

  it.each([
    ['aliyun', 'Aliyun'],
    ['tencent', 'Tencent'],
    ['wechat', 'WeChat'],
  ])('speaks of the templates of %s where none fits', (provider, vendor) =>
    expect(hintOf(provider, 'no_template')?.en).toContain(vendor),
  );

  it('takes the more exact part of a code before the general one', () => {
    expect(hintOf('smtp', '554 5.7.1')).toBe(HINTS.smtp?.['5.7.1']);
    expect(hintOf('smtp', '554_5.7.1')).toBe(HINTS.smtp?.['5.7.1']);
    expect(hintOf('smtp', '554 5.9.9')).toBe(HINTS.smtp?.['554']);
  });

  it('takes the provider’s own before what holds for all', () => {
    expect(hintOf('webhook', 'http_404')).not.toEqual(hintOf('wecom', 'http_404'));
  });

  it.each([
    ['wecom', '99999'],
    ['wecom', ''],
    ['nobody', '40001'],
    ['wecom', 'constructor'],
    ['__proto__', 'toString'],
    ['constructor', 'name'],
  ])('%s %j has none', (provider, code) => expect(hintOf(provider, code)).toBeUndefined());

  it('is a sentence with an end in every entry, without what looks like a secret or a person', () => {
    for (const { zh, en } of Object.values(HINTS).flatMap((table) => Object.values(table))) {
      expect(zh).toMatch(/^(?=.*[\u4e00-\u9fff]).*。$/);
      expect(en).toMatch(/^\p{L}.*[.)]$/u);
      expect(en.length).toBeLessThan(220);
    }
  });
});
