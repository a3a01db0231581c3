import { GuardedHttp } from '#platform';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { MisbehavingVendor } from '../../../../test/support/fakes/misbehaving-vendor.js';
import { MemoryTokenCustody } from '../../../../test/support/fakes/token-custody.js';
import { FAKE_TEMPLATE, FakeWechat } from '../../../../test/support/fakes/wechat.js';
import { listWechatTemplates } from './wechat.templates.js';

const http = new GuardedHttp({ allow: ['127.0.0.0/8'] });
let wechat: FakeWechat;
beforeEach(async () => {
  wechat = await FakeWechat.open();
});
afterEach(() => wechat.close());

const list = (settings: Record<string, unknown> = {}): ReturnType<typeof listWechatTemplates> => {
  const { appId, appSecret } = wechat.tokens;
  return listWechatTemplates(
    { appId, appSecret, baseUrl: wechat.baseUrl, ...settings },
    http,
    new MemoryTokenCustody(),
  );
};

it('lists the templates of a public account', async () => {
  await expect(list()).resolves.toEqual({
    templates: [
      {
        templateId: FAKE_TEMPLATE.template_id,
        title: '通知',
        primaryIndustry: 'IT科技',
        deputyIndustry: 'IT软件与服务',
        content: FAKE_TEMPLATE.content,
        example: FAKE_TEMPLATE.example,
      },
    ],
  });
});

it('says why WeChat refuses', async () => {
  await expect(list({ appSecret: 'wrong' })).resolves.toMatchObject({
    outcome: { class: 'bad_config', code: '40125' },
  });
});

it.each([[{}], [{ template_list: 'x' }]])('takes %j for no list', async (answer) => {
  const vendor = await MisbehavingVendor.open(({ path }) =>
    path.endsWith('stable_token') ? { access_token: 't', expires_in: 7200 } : answer,
  );
  await expect(list({ baseUrl: vendor.baseUrl })).resolves.toMatchObject({ outcome: { code: 'broken_answer' } });
  await vendor.close();
});

it('skips what is no template and what the database cannot hold', async () => {
  const vendor = await MisbehavingVendor.open(({ path }) =>
    path.endsWith('stable_token')
      ? { access_token: 't', expires_in: 7200 }
      : { template_list: [null, 5, {}, { template_id: 'a', title: 'b\0c' }] },
  );
  await expect(list({ baseUrl: vendor.baseUrl })).resolves.toEqual({
    templates: [{ templateId: 'a', title: 'bc', primaryIndustry: '', deputyIndustry: '', content: '', example: '' }],
  });
  await vendor.close();
});
