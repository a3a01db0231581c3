import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { TENCENT_ACCOUNT, TencentSmsFake } from '../../../../test/support/fakes/tencent-sms.js';
import type { InboundAnswer, ProviderAccount } from '../port/channel-provider.port.js';
import { TencentSmsFactory } from './tencent-sms.factory.js';

const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
const factory = new TencentSmsFactory(http);
const account: ProviderAccount = {
  id: 'sms:main',
  channel: 'sms',
  provider: 'tencent',
  settings: { ...TENCENT_ACCOUNT, callbackIps: ['203.0.113.0/24'] },
};
const push = (body: string, ip = '203.0.113.9'): InboundAnswer =>
  factory.receive(account, { method: 'POST', query: {}, headers: {}, body: Buffer.from(body), ip });

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const report = {
  user_receive_time: '2026-03-04 05:06:07',
  nationcode: '86',
  mobile: '13800000001',
  report_status: 'SUCCESS',
  errmsg: 'DELIVRD',
  description: '用户短信送达成功',
  sid: '2640:1',
};
const reply = { extend: '', mobile: '13800000001', nationcode: '86', sign: '消息中心', text: '退订', time: 1457336869 };

describe('what Tencent calls back with', () => {
  it('names its delivery by the number the send was answered with', async () => {
    const fake = await TencentSmsFake.open();
    opened.push(fake);
    const provider = factory.create({ ...account, settings: { ...account.settings, baseUrl: fake.baseUrl } });
    const batch = [outbound('13800000001'), outbound('13800000002')];
    const outcomes = await provider.send(batch, new AbortController().signal);
    expect(push(fake.reportOf(fake.taken)).news.receipts?.map((receipt) => receipt.providerRef)).toEqual(
      outcomes.map((outcome) => outcome.providerRef),
    );
  });

  it('says what became of many SMS at once', () => {
    const failed = { ...report, sid: '2640:2', report_status: 'FAIL', errmsg: 'UNDELIV', description: '失败' };
    const dead = { ...failed, sid: '2640:3', errmsg: 'mk:0001' };
    const answer = push(JSON.stringify([report, failed, dead]));
    expect(answer).toMatchObject({ status: 200, body: '{"result":0,"errmsg":"OK"}' });
    const at = new Date('2026-03-04T05:06:07+08:00');
    expect(answer.news).toEqual({
      receipts: [
        { providerRef: '2640:1', status: 'delivered', code: 'DELIVRD', words: '用户短信送达成功', at },
        { providerRef: '2640:2', status: 'failed', code: 'UNDELIV', words: '失败', at },
        { providerRef: '2640:3', status: 'failed', code: 'mk:0001', words: '失败', at, isAddressDead: true },
      ],
    });
  });

  it('brings what a person answers, known again when it is repeated', () => {
    const once = push(JSON.stringify(reply));
    expect(once.news.uplinks).toEqual([
      { from: '13800000001', text: '退订', at: new Date(1457336869_000), providerId: expect.any(String) },
    ]);
    expect(push(JSON.stringify(reply)).news).toEqual(once.news);
    const others = [
      { ...reply, text: '好' },
      { ...reply, time: reply.time + 1 },
      { ...reply, mobile: '13800000002' },
    ].map((other) => push(JSON.stringify(other)).news.uplinks?.[0]?.providerId);
    expect(new Set([once.news.uplinks?.[0]?.providerId, ...others]).size).toBe(4);
  });

  it('keeps numbers of other countries with their country', () => {
    const abroad = { ...reply, mobile: '90000001', nationcode: '852' };
    expect(push(JSON.stringify([abroad])).news.uplinks).toMatchObject([{ from: '+85290000001' }]);
  });

  it('is refused from elsewhere', () => {
    expect(push(JSON.stringify([report]), '198.51.100.1')).toMatchObject({ status: 403, news: {} });
  });

  it.each(['nonsense', '[1]', '"x"', '{"a":'])('is no callback of Tencent: %j', (body) => {
    expect(push(body)).toMatchObject({ status: 400, news: {} });
  });

  it('leaves out what it cannot use, and keeps the rest', () => {
    const broken = [
      { ...report, sid: '' },
      { ...report, sid: 'x'.repeat(257) },
      { ...report, report_status: 'MAYBE' },
      { ...reply, mobile: '***' },
      { ...reply, text: null },
      {},
    ];
    const timeless = { ...reply, time: 'now' };
    expect(push(JSON.stringify([...broken, report, timeless])).news).toEqual({
      receipts: [expect.objectContaining({ providerRef: '2640:1' })],
      uplinks: [{ from: '13800000001', text: '退订' }],
    });
  });
});
