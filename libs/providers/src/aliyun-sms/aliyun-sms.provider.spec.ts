import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { ALIYUN_ACCOUNT, AliyunSmsFake } from '../../../../test/support/fakes/aliyun-sms.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { AliyunSmsFactory } from './aliyun-sms.factory.js';

const SECRET = ALIYUN_ACCOUNT.accessKeySecret;
const TOKEN = 'callback-token-0123456789';
const never = new AbortController().signal;
const REFUSED = '13900000404';
const SILENT = '13900000408';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function openFake(): Promise<AliyunSmsFake> {
  const fake = await AliyunSmsFake.open();
  opened.push(fake);
  fake.scripted.set(REFUSED, { code: 'isv.MOBILE_NUMBER_ILLEGAL', message: `${SECRET} ${'long '.repeat(1000)}` });
  fake.scripted.set(SILENT, 'silence');
  return fake;
}

function connect(baseUrl: string, more: Record<string, unknown> = {}): ChannelProvider {
  const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
  opened.push(http);
  const account = { id: 'acct-canary-7', channel: 'sms' as const, provider: 'aliyun' };
  return new AliyunSmsFactory(http).create({
    ...account,
    settings: { ...ALIYUN_ACCOUNT, callbackToken: TOKEN, baseUrl, timeoutMs: 5000, ...more },
  });
}

const texted = (address: string, text: string, more: Partial<OutboundDelivery> = {}): OutboundDelivery =>
  outbound(address, { content: { text }, ...more });
const sendOne = async (provider: ChannelProvider, delivery: OutboundDelivery): Promise<Outcome | undefined> =>
  (await provider.send([delivery], never))[0];

describe('Aliyun SMS', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    return {
      provider: connect(fake.baseUrl),
      goodAddress: (n) => `138${String(n).padStart(8, '0')}`,
      refusedAddress: REFUSED,
      silentAddress: SILENT,
      unreachable: connect(`http://127.0.0.1:${await closedPort()}`),
      secrets: [SECRET, TOKEN],
      accountId: 'acct-canary-7',
      received: () => JSON.stringify(fake.requests.map(({ query, headers, body }) => [[...query], headers, body])),
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    repeatsOn5xx: true,
    connect: (baseUrl) => connect(baseUrl, { timeoutMs: 1500 }),
    healthy: () => ({ Code: 'OK', Message: 'OK', BizId: '1^0', RequestId: 'R' }),
    isSend: ({ headers }) => headers['x-acs-action'] === 'SendSms',
    address: '13800000001',
  });

  it('sends a text with the template whose words it has', async () => {
    const fake = await openFake();
    const provider = connect(fake.baseUrl);
    const batch = [
      texted('13800000001', '验证码8842，5分钟内有效。'),
      texted('+8613800000002', ' 系统将于今晚维护。\r\n'),
      texted('+85290000001', 'Your code is 8842.'),
    ];
    const outcomes = await provider.send(batch, never);
    expect(outcomes).toEqual(
      batch.map(({ ref }, i) => ({
        class: 'ok',
        code: 'OK',
        words: `BizId ${fake.taken[i]?.bizId}`,
        providerRef: ref,
      })),
    );
    expect(fake.taken).toMatchObject([
      { phone: '13800000001', templateCode: 'SMS_CODE', params: { code: '8842', minutes: '5' }, signName: '消息中心' },
      { phone: '13800000002', templateCode: 'SMS_PLAIN', params: {}, signName: '另一个' },
      { phone: '85290000001', templateCode: 'SMS_ABROAD', params: { code: '8842' } },
    ]);
    expect(fake.taken.map(({ outId }) => outId)).toEqual(batch.map(({ ref }) => ref));
  });

  it('refuses a text that no template has, names the nearest, and calls nobody', async () => {
    const fake = await openFake();
    const outcome = await sendOne(connect(fake.baseUrl), texted('13800000001', '验证码8842，五分钟后失效。秘密'));
    expect(outcome).toMatchObject({ class: 'bad_content', code: 'no_template' });
    expect(outcome?.words).toContain('SMS_CODE');
    expect(outcome?.words).not.toMatch(/秘密|8842/);
    expect(fake.requests).toEqual([]);
  });

  it('sends with the vendor template that the message names', async () => {
    const fake = await openFake();
    const content = { text: 'anything', templateId: 'SMS_CODE', params: { code: '1', minutes: '2', more: 'x' } };
    await sendOne(connect(fake.baseUrl), outbound('13800000001', { content }));
    expect(fake.taken).toMatchObject([{ templateCode: 'SMS_CODE', params: { code: '1', minutes: '2' } }]);
    expect(fake.taken[0]?.params).not.toHaveProperty('more');
  });

  it('lets a template that only the message names harm nobody but the message', async () => {
    const fake = await openFake();
    const provider = connect(fake.baseUrl, { templates: [{ code: 'SMS_GONE', text: 'A ${what}' }] });
    const named = outbound('13800000001', { content: { templateId: 'SMS_NOBODYS', params: { a: '1' } } });
    await expect(sendOne(provider, named)).resolves.toMatchObject({
      class: 'bad_content',
      code: 'isv.SMS_TEMPLATE_ILLEGAL',
    });
    await expect(sendOne(provider, outbound('13800000001'))).resolves.toMatchObject({
      class: 'bad_config',
      code: 'isv.SMS_TEMPLATE_ILLEGAL',
    });
  });

  it('waits longer each time a number has had too much', async () => {
    const fake = await openFake();
    const provider = connect(fake.baseUrl);
    const send = (attempt: number): Promise<Outcome | undefined> =>
      sendOne(provider, texted('13800000001', '验证码8842，5分钟内有效。', { attempt }));
    await expect(send(1)).resolves.toMatchObject({ class: 'ok' });
    const waits = [];
    for (const attempt of [1, 2, 3, 9]) waits.push(await send(attempt));
    expect(waits).toEqual(
      [61_000, 600_000, 3_600_000, 3_600_000].map((retryAfterMs) =>
        expect.objectContaining({ class: 'rate_limited', code: 'isv.BUSINESS_LIMIT_CONTROL', retryAfterMs }),
      ),
    );
  });

  it.each(['12345', '', '13800000001,13800000002', '010-62345678', '+86138'])(
    'does not call for %j',
    async (address) => {
      const fake = await openFake();
      await expect(sendOne(connect(fake.baseUrl), outbound(address))).resolves.toEqual({
        class: 'bad_recipient',
        code: 'bad_address',
      });
      expect(fake.requests).toEqual([]);
    },
  );

  it('says that the account is wrong when its key is, and not what was sent', async () => {
    const fake = await openFake();
    const outcome = await sendOne(connect(fake.baseUrl, { accessKeySecret: 'another' }), outbound('13800000001'));
    expect(outcome).toMatchObject({ class: 'bad_config', code: 'SignatureDoesNotMatch' });
    expect(outcome?.words).toBe('Specified signature is not matched with our calculation');
  });

  it('signs for the vendor’s own host behind a proxy', async () => {
    const fake = await openFake();
    const outcome = await sendOne(
      connect(fake.baseUrl, { signedHost: 'dysmsapi.aliyuncs.com' }),
      outbound('13800000001'),
    );
    expect(outcome).toMatchObject({ class: 'bad_config', code: 'SignatureDoesNotMatch' });
    fake.hostSeen = 'dysmsapi.aliyuncs.com';
    await expect(
      sendOne(connect(fake.baseUrl, { signedHost: 'dysmsapi.aliyuncs.com' }), outbound('13800000001')),
    ).resolves.toMatchObject({ class: 'ok' });
  });

  it('keeps to its concurrency over all batches, and one silent call holds up nobody else', async () => {
    const fake = await openFake();
    const provider = connect(fake.baseUrl, { concurrency: 3, timeoutMs: 1500 });
    const batches = [0, 1, 2].map((b) =>
      Array.from({ length: 10 }, (_, i) =>
        outbound(b === 0 && i === 0 ? SILENT : `1370000${b}${String(i).padStart(3, '0')}`),
      ),
    );
    const outcomes = (await Promise.all(batches.map((batch) => provider.send(batch, never)))).flat();
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['unknown_outcome', ...Array<string>(29).fill('ok')]);
    expect(fake.mostRunning).toBeLessThanOrEqual(3);
    expect(fake.mostRunning).toBeGreaterThan(1);
  });

  it('tells the limits it was given', () => {
    const limits = [{ max: 1, windowS: 60 }];
    expect(connect('http://127.0.0.1:1', { recipientLimits: limits }).recipientLimits).toMatchObject(limits);
    expect(connect('http://127.0.0.1:1').recipientLimits).toBeUndefined();
  });
});
