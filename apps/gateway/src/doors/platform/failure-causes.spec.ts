import { describe, expect, it } from '@jest/globals';
import type { FailedDelivery } from '#entities';
import { causeOf } from './failure-causes.js';

const failed = (more: Partial<FailedDelivery>): FailedDelivery => ({
  channel: 'sms',
  status: 'failed',
  code: null,
  words: null,
  ...more,
});

describe('the cause of a failure', () => {
  it.each([
    [{ code: 'address_invalid' }, '短信发送失败！手机号码格式有误！'],
    [{ code: 'bad_address', channel: 'mail' as const }, '邮件发送失败！邮箱地址格式有误！'],
    [{ code: 'bad_address', channel: 'dingtalk' as const }, '钉钉发送失败！地址格式有误！'],
    [{ code: 'opted_out_of_channel', status: 'suppressed' as const }, '短信发送失败！已退订该渠道！'],
    [{ code: 'unknown_recipient' }, '人员不存在'],
    [{ code: 'timeout', status: 'unknown' as const, words: 'did not answer in time' }, '短信发送失败！结果未知！'],
    [{ code: 'expired', status: 'expired' as const }, '短信发送失败！已过期！'],
    [{ code: 'isv.X', words: '欠费' }, '短信发送失败！服务商返回错误 isv.X（欠费）！'],
    [{ code: 'connection_failed', words: 'The other side could not be reached.' }, '短信发送失败！无法连接服务商！'],
    [
      { code: 'bad_address', words: 'not the id of one member', channel: 'wecom' as const },
      '企业微信发送失败！地址格式有误！',
    ],
    [{ code: 'no_template', channel: 'wechat' as const, words: 'none' }, '微信发送失败！公众号未设置默认模版！'],
    [{ code: 'no_template', words: '最接近 T1' }, '短信发送失败！内容与服务商审核通过的模版都不一致（最接近 T1）！'],
    [{ code: 'constructor' }, '短信发送失败！服务商返回错误 constructor！'],
    [{}, '短信发送失败！服务商返回错误！'],
  ])('%j reads %s', (more, cause) => {
    expect(causeOf([failed(more)])).toBe(cause);
  });

  it('is said once, and channel by channel', () => {
    expect(
      causeOf([failed({ code: 'unknown_recipient' }), failed({ code: 'unknown_recipient', channel: 'mail' })]),
    ).toBe('人员不存在');
    expect(causeOf([failed({ code: 'no_address' }), failed({ code: 'no_address', channel: 'wecom' })])).toBe(
      '短信发送失败！未登记该渠道的地址！；企业微信发送失败！未登记该渠道的地址！',
    );
  });
});
