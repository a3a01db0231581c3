import dysmsapi from '@alicloud/dysmsapi20170525';
import openApi from '@alicloud/openapi-client';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ALIYUN_ACCOUNT, AliyunSmsFake } from '../../../../test/support/fakes/aliyun-sms.js';
import { signAcs3 } from './acs3-signer.js';

const { default: Client, SendSmsRequest, QuerySendDetailsRequest } = dysmsapi;

const KEY = { accessKeyId: ALIYUN_ACCOUNT.accessKeyId, accessKeySecret: ALIYUN_ACCOUNT.accessKeySecret };
const opened: AliyunSmsFake[] = [];
afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close();
});

async function open(): Promise<{ fake: AliyunSmsFake; sdk: InstanceType<typeof Client> }> {
  const fake = await AliyunSmsFake.open();
  opened.push(fake);
  fake.signNames.add('阿里云 (测试)');
  fake.templates.set('SMS_1', { text: '验证码${code}，${name}', kind: 'notice', isInternational: false });
  return { fake, sdk: new Client(new openApi.Config({ ...KEY, endpoint: fake.endpoint, protocol: 'http' })) };
}

const sms = {
  phoneNumbers: '13800000001',
  signName: '阿里云 (测试)',
  templateCode: 'SMS_1',
  templateParam: JSON.stringify({ code: '12 34', name: "!'()*~ 张三+&=%/😀" }),
  outId: 'ref_-1',
};

describe('Aliyun’s official SDK', () => {
  it('signs as we do, byte for byte', async () => {
    const { fake, sdk } = await open();
    await sdk.sendSms(new SendSmsRequest(sms));
    const [sent] = fake.requests;
    const headers = sent?.headers ?? {};
    const ours = signAcs3(KEY, {
      host: fake.endpoint,
      action: 'SendSms',
      version: '2017-05-25',
      query: Object.fromEntries(sent?.query ?? []),
      date: new Date(headers['x-acs-date'] ?? ''),
      nonce: headers['x-acs-signature-nonce'] ?? '',
    });
    expect(headers).toMatchObject(ours.headers);
    const signedByThem = Object.keys(headers).filter((name) => name === 'authorization' || name.startsWith('x-acs-'));
    expect(Object.keys(ours.headers).sort()).toEqual(signedByThem.sort());
    expect([...new URL(ours.path, fake.baseUrl).searchParams].sort()).toEqual([...(sent?.query ?? [])].sort());
  });

  it('is answered by the fake as by the vendor', async () => {
    const { fake, sdk } = await open();
    const { body } = await sdk.sendSms(new SendSmsRequest(sms));
    expect(body).toMatchObject({ code: 'OK', bizId: fake.taken[0]?.bizId });
    const { body: details } = await sdk.querySendDetails(
      new QuerySendDetailsRequest({
        phoneNumber: '13800000001',
        sendDate: fake.taken[0]?.sendDate.slice(0, 10).replaceAll('-', ''),
        pageSize: 10,
        currentPage: 1,
      }),
    );
    expect(details?.smsSendDetailDTOs?.smsSendDetailDTO).toEqual([
      expect.objectContaining({ outId: 'ref_-1', sendStatus: 1, phoneNum: '13800000001' }),
    ]);
    const { body: refused } = await sdk.sendSms(new SendSmsRequest({ ...sms, templateCode: 'SMS_2' }));
    expect(refused).toMatchObject({ code: 'isv.SMS_TEMPLATE_ILLEGAL' });
  });

  it.each([
    ['another secret', { accessKeySecret: 'wrong' }, 'SignatureDoesNotMatch'],
    ['another id', { accessKeyId: 'nobody' }, 'InvalidAccessKeyId.NotFound'],
  ])('is refused by the fake with %s', async (_title, wrong, code) => {
    const { fake } = await open();
    const sdk = new Client(new openApi.Config({ ...KEY, ...wrong, endpoint: fake.endpoint, protocol: 'http' }));
    await expect(sdk.sendSms(new SendSmsRequest(sms))).rejects.toMatchObject({ code });
    expect(fake.taken).toEqual([]);
  });
});
