import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { outbound } from '../../../../test/support/channel-provider.conformance.js';
import { ALIYUN_ACCOUNT, AliyunSmsFake } from '../../../../test/support/fakes/aliyun-sms.js';
import type { InboundAnswer, ProviderAccount } from '../port/channel-provider.port.js';
import { AliyunSmsFactory } from './aliyun-sms.factory.js';

const TOKEN = 'callback-token-0123456789';
const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
const factory = new AliyunSmsFactory(http);
const account: ProviderAccount = {
  id: 'sms:main',
  channel: 'sms',
  provider: 'aliyun',
  settings: { ...ALIYUN_ACCOUNT, callbackToken: TOKEN },
};
const push = (body: string | Buffer, token = TOKEN): InboundAnswer =>
  factory.receive(account, {
    method: 'POST',
    query: { token },
    headers: {},
    body: Buffer.from(body),
    ip: '203.0.113.9',
  });

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const report = {
  phone_number: '13800000001',
  send_time: '2026-03-04 05:06:00',
  report_time: '2026-03-04 05:06:07',
  success: true,
  err_code: 'DELIVERED',
  err_msg: '用户接收成功',
  sms_size: '1',
  biz_id: '12345^0',
  out_id: 'ref-1',
};
const uplink = {
  phone_number: '13800000001',
  send_time: '2026-03-04 05:06:07',
  content: '退订',
  sign_name: '消息中心',
  dest_code: '1234',
  sequence_id: 9007199254740993n,
};
/** As the vendor writes it: the sequence as a number, which may be longer than a double. */
const json = (items: object[]): string =>
  JSON.stringify(items, (_key, value: unknown) => (typeof value === 'bigint' ? `#${value}#` : value)).replace(
    /"#|#"/g,
    '',
  );

describe('what Aliyun pushes', () => {
  it('names its delivery by the reference that went out with it', async () => {
    const fake = await AliyunSmsFake.open();
    opened.push(fake);
    const provider = factory.create({ ...account, settings: { ...account.settings, baseUrl: fake.baseUrl } });
    const [outcome] = await provider.send([outbound('13800000001')], new AbortController().signal);
    expect(push(fake.reportOf(fake.taken)).news.receipts).toMatchObject([
      { providerRef: outcome?.providerRef, status: 'delivered' },
    ]);
  });

  it('says what became of many SMS at once', () => {
    const failed = { ...report, out_id: 'ref-2', success: false, err_code: 'MOBILE_NOT_ON_SERVICE', err_msg: '停机\0' };
    const dead = { ...failed, out_id: 'ref-3', err_code: 'MK:0001' };
    const answer = push(json([report, failed, dead]));
    expect(answer).toMatchObject({ status: 200, body: '{"code":0,"msg":"接收成功"}' });
    const at = new Date('2026-03-04T05:06:07+08:00');
    expect(answer.news).toEqual({
      receipts: [
        { providerRef: 'ref-1', status: 'delivered', code: 'DELIVERED', words: '用户接收成功', at },
        { providerRef: 'ref-2', status: 'failed', code: 'MOBILE_NOT_ON_SERVICE', words: '停机', at },
        { providerRef: 'ref-3', status: 'failed', code: 'MK:0001', words: '停机', at, isAddressDead: true },
      ],
    });
  });

  it('brings what people answer', () => {
    const abroad = { ...uplink, phone_number: '85290000001', sequence_id: '7', content: 'a\0b\ud800', send_time: '' };
    expect(push(json([uplink, abroad]))).toMatchObject({
      status: 200,
      news: {
        uplinks: [
          {
            from: '13800000001',
            text: '退订',
            at: new Date('2026-03-04T05:06:07+08:00'),
            providerId: '9007199254740993',
          },
          { from: '+85290000001', text: 'ab\ufffd', providerId: '7' },
        ],
      },
    });
    expect(push(json([{ ...uplink, content: 'x'.repeat(9000) }])).news.uplinks?.[0]?.text).toHaveLength(2000);
  });

  it('takes an empty push, as consoles send to try the address', () => {
    for (const body of ['', '[]']) expect(push(body)).toMatchObject({ status: 200, news: {} });
  });

  it.each(['wrong', ''])('is refused with the token %j', (token) => {
    expect(push(json([report]), token)).toMatchObject({ status: 403, news: {} });
  });

  it.each(['nonsense', '[1]', '["x"]', '[null]', '{"a":', Buffer.from([0xff, 0xfe, 0x00])])(
    'is no push of Aliyun: %j',
    (body) => {
      expect(push(body)).toMatchObject({ status: 400, news: {} });
    },
  );

  it('leaves out what it cannot use, and keeps the rest', () => {
    const broken = [
      { ...report, out_id: undefined },
      { ...report, out_id: 'x'.repeat(257) },
      { ...report, out_id: { a: 1 } },
      { ...uplink, phone_number: '138****0001' },
      { ...uplink, content: 5 },
      {},
    ];
    expect(push(json([...broken, report])).news).toEqual({
      receipts: [expect.objectContaining({ providerRef: 'ref-1' })],
    });
  });

  it('takes nothing for an account that says of nobody how to know them', () => {
    const open = { ...account, settings: { ...ALIYUN_ACCOUNT } };
    const pushed = {
      method: 'POST' as const,
      query: {},
      headers: {},
      body: Buffer.from(json([report])),
      ip: '1.1.1.1',
    };
    expect(factory.receive(open, pushed)).toMatchObject({ status: 403, news: {} });
  });
});
