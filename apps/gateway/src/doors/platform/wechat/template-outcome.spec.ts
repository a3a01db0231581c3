import { describe, expect, it } from '@jest/globals';
import type { SentNow } from '../../../real-time/send-now.service.js';
import { templateOutcome } from './template-outcome.js';

const ended = (status: string, errorCode: string | null = null, errorText: string | null = null): SentNow['delivery'] =>
  ({ status, errorCode, errorText }) as SentNow['delivery'];

describe('the outcome of a template message', () => {
  it.each([
    [ended('sent'), { status: '0', info: '发送成功' }],
    [ended('read'), { status: '0', info: '发送成功' }],
    [null, { status: '1', info: '结果未知' }],
    [ended('unknown', 'timeout', 'did not answer'), { status: '1', info: '结果未知' }],
    [
      ended('failed', '47003', 'data.thing1 too long'),
      { info: expect.stringMatching(/不符合.*47003 data\.thing1 too long/) },
    ],
    [ended('failed', '99999', 'strange'), { info: '发送失败：微信未接受该消息（99999 strange）' }],
    [ended('failed', 'connection_failed', 'The other side …'), { status: '1', info: '发送失败：无法连接服务商' }],
    [ended('failed', 'constructor'), { info: '发送失败：微信未接受该消息（constructor）' }],
  ])('%j', (delivery, outcome) => expect(templateOutcome(delivery)).toMatchObject(outcome));

  it.each(['43004', '50005'])('is 600024 where he does not follow the account any more: %s', (code) => {
    expect(() => templateOutcome(ended('failed', code))).toThrow(expect.objectContaining({ code: 'unfollowed' }));
  });
});
