import { afterEach, describe, expect, it } from '@jest/globals';
import tencentcloud from 'tencentcloud-sdk-nodejs-sms';
import { TENCENT_ACCOUNT, TencentSmsFake } from '../../../../test/support/fakes/tencent-sms.js';
import { signTc3 } from './tc3-signer.js';

const { Client } = tencentcloud.sms.v20210111;
const { secretId, secretKey, smsSdkAppId, signName } = TENCENT_ACCOUNT;

const opened: TencentSmsFake[] = [];
afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close();
});

async function open(
  credential = { secretId, secretKey },
): Promise<{ fake: TencentSmsFake; sdk: InstanceType<typeof Client> }> {
  const fake = await TencentSmsFake.open();
  opened.push(fake);
  const httpProfile = { endpoint: fake.endpoint, protocol: 'http://' };
  return { fake, sdk: new Client({ credential, region: 'ap-guangzhou', profile: { httpProfile } }) };
}

const sms = {
  PhoneNumberSet: ['+8613800000001', '+8613800000002'],
  SmsSdkAppId: smsSdkAppId,
  SignName: signName,
  TemplateId: '1002',
  TemplateParamSet: ['12 34', "!'()*~ 张三+&=%/😀"],
  SessionContext: 'ref_-1',
};

describe('Tencent’s official SDK', () => {
  it('signs as we do, byte for byte', async () => {
    const { fake, sdk } = await open();
    await sdk.SendSms(sms);
    const [sent] = fake.requests;
    const headers = sent?.headers ?? {};
    const ours = signTc3(TENCENT_ACCOUNT, {
      host: '127.0.0.1',
      // The first label of the endpoint; of the vendor's own it is `sms`.
      service: '127',
      contentType: headers['content-type'] ?? '',
      body: sent?.body ?? '',
      timestampS: Number(headers['x-tc-timestamp']),
    });
    expect(headers.authorization).toBe(ours);
    expect(headers['content-type']).toBe('application/json');
    expect(sent?.body).toBe(JSON.stringify(sms));
  });

  it('is answered by the fake as by the vendor', async () => {
    const { fake, sdk } = await open();
    const { SendStatusSet } = await sdk.SendSms(sms);
    expect(SendStatusSet).toEqual(
      sms.PhoneNumberSet.map((PhoneNumber, i) =>
        expect.objectContaining({
          PhoneNumber,
          Code: 'Ok',
          SerialNo: fake.taken[i]?.serialNo,
          SessionContext: 'ref_-1',
        }),
      ),
    );
    const mixed = { ...sms, PhoneNumberSet: ['+8613800000001', '+85290000001'] };
    await expect(sdk.SendSms(mixed)).rejects.toMatchObject({
      code: 'UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber',
    });
    await expect(sdk.SendSms({ ...sms, TemplateParamSet: ['1'] })).resolves.toMatchObject({
      SendStatusSet: [{ Code: 'FailedOperation.TemplateIncorrectOrUnapproved' }, {}],
    });
  });

  it.each([
    ['another key', { secretId, secretKey: 'wrong' }, 'AuthFailure.SignatureFailure'],
    ['another id', { secretId: 'nobody', secretKey }, 'AuthFailure.SecretIdNotFound'],
  ])('is refused by the fake with %s', async (_title, credential, code) => {
    const { fake, sdk } = await open(credential);
    await expect(sdk.SendSms(sms)).rejects.toMatchObject({ code });
    expect(fake.taken).toEqual([]);
  });

  it('is refused by the fake when its clock is wrong', async () => {
    const { fake, sdk } = await open();
    fake.nowMs = () => Date.now() + 301_000;
    await expect(sdk.SendSms(sms)).rejects.toMatchObject({ code: 'AuthFailure.SignatureExpire' });
  });
});
