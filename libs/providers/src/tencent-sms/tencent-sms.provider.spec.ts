import { GuardedHttp } from '#platform';
import { afterEach, describe, expect, it } from '@jest/globals';
import { itIsAChannelProvider, outbound } from '../../../../test/support/channel-provider.conformance.js';
import { closedPort } from '../../../../test/support/fakes/smtp-script.js';
import { TENCENT_ACCOUNT, TencentSmsFake } from '../../../../test/support/fakes/tencent-sms.js';
import { itSurvivesVendorFaults } from '../../../../test/support/vendor-faults.conformance.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { TencentSmsFactory } from './tencent-sms.factory.js';

const SECRET = TENCENT_ACCOUNT.secretKey;
const TOKEN = 'callback-token-0123456789';
const never = new AbortController().signal;
const REFUSED = '13900000404';
const SILENT = '13900000408';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function openFake(): Promise<TencentSmsFake> {
  const fake = await TencentSmsFake.open();
  opened.push(fake);
  const message = `${SECRET} ${'long '.repeat(1000)}`;
  fake.scripted.set(`+86${REFUSED}`, { code: 'InvalidParameterValue.IncorrectPhoneNumber', message });
  fake.scripted.set(`+86${SILENT}`, 'silence');
  return fake;
}

function connect(baseUrl: string, more: Record<string, unknown> = {}): ChannelProvider {
  const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
  opened.push(http);
  return new TencentSmsFactory(http).create({
    id: 'acct-canary-8',
    channel: 'sms',
    provider: 'tencent',
    settings: { ...TENCENT_ACCOUNT, callbackToken: TOKEN, baseUrl, timeoutMs: 5000, ...more },
  });
}

const texted = (address: string, text: string): OutboundDelivery => outbound(address, { content: { text } });
const sendOne = async (provider: ChannelProvider, delivery: OutboundDelivery): Promise<Outcome | undefined> =>
  (await provider.send([delivery], never))[0];
/** Numbers of every call. */
const callsOf = (fake: TencentSmsFake): string[][] =>
  fake.requests.map(({ body }) => (JSON.parse(body) as { PhoneNumberSet: string[] }).PhoneNumberSet);

describe('Tencent SMS', () => {
  itIsAChannelProvider(async () => {
    const fake = await openFake();
    return {
      provider: connect(fake.baseUrl),
      goodAddress: (n) => `138${String(n).padStart(8, '0')}`,
      refusedAddress: REFUSED,
      silentAddress: SILENT,
      unreachable: connect(`http://127.0.0.1:${await closedPort()}`),
      secrets: [SECRET, TOKEN],
      accountId: 'acct-canary-8',
      received: () => JSON.stringify(fake.requests.map(({ headers, body }) => [headers, body])),
      close: () => Promise.resolve(),
    };
  });

  itSurvivesVendorFaults({
    connect: (baseUrl) => connect(baseUrl, { timeoutMs: 1500 }),
    healthy: () => ({
      Response: { SendStatusSet: [{ SerialNo: '1', PhoneNumber: '+8613800000001', Code: 'Ok', Message: '' }] },
    }),
    isSend: ({ headers }) => headers['x-tc-action'] === 'SendSms',
    address: '13800000001',
  });

  it('sends one content to many in one call, each with an id of its own', async () => {
    const fake = await openFake();
    const batch = Array.from({ length: 200 }, (_, i) => texted(`138${String(i).padStart(8, '0')}`, 'A notice'));
    const outcomes = await connect(fake.baseUrl).send(batch, never);
    expect(fake.requests).toHaveLength(1);
    expect(outcomes).toEqual(fake.taken.map(({ serialNo }) => ({ class: 'ok', code: 'Ok', providerRef: serialNo })));
    expect(new Set(outcomes.map(({ providerRef }) => providerRef)).size).toBe(200);
    expect(fake.taken[0]).toMatchObject({
      templateId: '1001',
      params: ['notice'],
      signName: '消息中心',
      sessionContext: '',
    });
  });

  it('keeps contents, home and abroad, and repeated numbers apart', async () => {
    const fake = await openFake();
    const batch = [
      texted('13800000001', 'A notice'),
      texted('+85290000001', 'A notice'),
      texted('13800000002', 'A notice'),
      texted('13800000003', '验证码8842，5分钟内有效。'),
      texted('+8613800000001', 'A notice'),
      texted('13800000004', '系统将于今晚维护。'),
    ];
    const outcomes = await connect(fake.baseUrl, { concurrency: 1 }).send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map(() => 'ok'));
    expect(callsOf(fake)).toEqual([
      ['+8613800000001', '+8613800000002'],
      ['+85290000001'],
      ['+8613800000003'],
      ['+8613800000001'],
      ['+8613800000004'],
    ]);
    expect(fake.taken.at(-1)).toMatchObject({ templateId: '1003', params: [], signName: '另一个' });
    expect(fake.taken[3]).toMatchObject({ templateId: '1002', params: ['8842', '5'], sessionContext: batch[3]?.ref });
  });

  it('answers each number by what the vendor says of it', async () => {
    const fake = await openFake();
    const codes = ['LimitExceeded.PhoneNumberDailyLimit', 'FailedOperation.PhoneNumberInBlacklist'];
    codes.forEach((code, i) => fake.scripted.set(`+861380000000${i}`, { code, message: '' }));
    const batch = [0, 1, 2].map((n) => texted(`1380000000${n}`, 'A notice'));
    const outcomes = await connect(fake.baseUrl).send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(['rate_limited', 'bad_recipient', 'ok']);
    expect(fake.requests).toHaveLength(1);
  });

  it('finds the number for whose sake a whole call is refused', async () => {
    const fake = await openFake();
    fake.poison.phone = '+8613800000005';
    const batch = Array.from({ length: 16 }, (_, i) => texted(`138${String(i).padStart(8, '0')}`, 'A notice'));
    const outcomes = await connect(fake.baseUrl).send(batch, never);
    expect(outcomes.map((outcome) => outcome.class)).toEqual(batch.map((_, i) => (i === 5 ? 'bad_recipient' : 'ok')));
    expect(fake.taken).toHaveLength(15);
    expect(fake.requests.length).toBeLessThanOrEqual(9);
  });

  it('gives all of a call the vendor’s no that is about the account', async () => {
    const fake = await openFake();
    const batch = [1, 2].map((n) => texted(`1380000000${n}`, 'A notice'));
    const outcomes = await connect(fake.baseUrl, { secretKey: 'another' }).send(batch, never);
    expect(outcomes).toMatchObject([
      { class: 'bad_config', code: 'AuthFailure.SignatureFailure' },
      { class: 'bad_config', code: 'AuthFailure.SignatureFailure' },
    ]);
    expect(fake.requests).toHaveLength(1);
  });

  it('leaves a send without an answer unknown, and offers nothing to ask by', async () => {
    const fake = await openFake();
    const provider = connect(fake.baseUrl, { timeoutMs: 500 });
    const outcome = await sendOne(provider, outbound(SILENT));
    expect(outcome).toMatchObject({ class: 'unknown_outcome', code: 'timeout' });
    expect(outcome).not.toHaveProperty('ask');
    expect(provider).not.toHaveProperty('query');
    expect(provider.isIdempotent).toBe(false);
  });

  it('sends with the vendor template that the message names, its values in their order', async () => {
    const fake = await openFake();
    const provider = connect(fake.baseUrl);
    const named = (params: Record<string, string>, templateId = '1002'): OutboundDelivery =>
      outbound('13800000001', { content: { text: 'anything', templateId, params } });
    await expect(sendOne(provider, named({ '2': '5', '1': '8842' }))).resolves.toMatchObject({ class: 'ok' });
    expect(fake.taken[0]).toMatchObject({ templateId: '1002', params: ['8842', '5'] });
    await expect(sendOne(provider, named({ '1': '8842' }))).resolves.toMatchObject({
      class: 'bad_content',
      code: 'missing_param',
    });
    await expect(sendOne(provider, named({}, '9999'))).resolves.toMatchObject({
      class: 'bad_content',
      code: 'FailedOperation.TemplateIncorrectOrUnapproved',
    });
    fake.templates.delete('1002');
    await expect(sendOne(provider, named({ '2': '5', '1': '8842' }))).resolves.toMatchObject({ class: 'bad_config' });
  });

  it.each([
    ['12345', 'A notice', { class: 'bad_recipient', code: 'bad_address' }],
    ['13800000001', 'Nothing like it', { class: 'bad_content', code: 'no_template' }],
  ])('does not call for %j %j', async (address, text, expected) => {
    const fake = await openFake();
    await expect(sendOne(connect(fake.baseUrl), texted(address, text))).resolves.toMatchObject(expected);
    expect(fake.requests).toEqual([]);
  });

  it('signs for the vendor’s own host behind a proxy', async () => {
    const fake = await openFake();
    fake.hostSeen = 'sms.tencentcloudapi.com';
    await expect(sendOne(connect(fake.baseUrl), outbound('13800000001'))).resolves.toMatchObject({
      class: 'bad_config',
    });
    const provider = connect(fake.baseUrl, { signedHost: 'sms.tencentcloudapi.com' });
    await expect(sendOne(provider, outbound('13800000001'))).resolves.toMatchObject({ class: 'ok' });
  });
});
