// The HTTP providers that bench/providers.mjs measures: one entry each.

/** `factory`: in libs/providers; `fake`: in test/support/fakes, with `open()`, `baseUrl` and `close()`; `account`: settings that fit it. */
export const VENDORS = [
  {
    provider: 'wecom',
    channel: 'wecom',
    factory: ['wecom/wecom.factory.js', 'WecomFactory'],
    fake: ['wecom.ts', 'WecomFake'],
    account: ({ fake }) => fake.account,
    deliveryOf: (n) => ({ address: `user${n}`, content: { text: `Message ${n}` } }),
  },
  {
    provider: 'dingtalk',
    channel: 'dingtalk',
    factory: ['dingtalk/dingtalk.factory.js', 'DingtalkFactory'],
    fake: ['dingtalk.ts', 'DingtalkFake'],
    account: ({ fake }) => fake.account,
    deliveryOf: (n) => ({ address: `user${n}`, content: { text: `Message ${n}` } }),
  },
  {
    provider: 'aliyun',
    channel: 'sms',
    factory: ['aliyun-sms/aliyun-sms.factory.js', 'AliyunSmsFactory'],
    fake: ['aliyun-sms.ts', 'AliyunSmsFake'],
    account: ({ module }) => module.ALIYUN_ACCOUNT,
    deliveryOf: (n) => ({ address: mobile(n), content: { text: `A message ${n}` } }),
  },
  {
    provider: 'tencent',
    channel: 'sms',
    factory: ['tencent-sms/tencent-sms.factory.js', 'TencentSmsFactory'],
    fake: ['tencent-sms.ts', 'TencentSmsFake'],
    account: ({ module }) => module.TENCENT_ACCOUNT,
    deliveryOf: (n) => ({ address: mobile(n), content: { text: `A message ${n}` } }),
  },
  {
    provider: 'wechat',
    channel: 'wechat',
    factory: ['wechat/wechat.factory.js', 'WechatFactory'],
    fake: ['wechat.ts', 'FakeWechat'],
    account: ({ fake }) => ({ appId: fake.tokens.appId, appSecret: fake.tokens.appSecret }),
    prepare: ({ fake }) => (fake.quota = Infinity),
    deliveryOf: (n) => ({
      address: `oPENid-${n}`,
      content: { templateId: 'tpl-notice', params: { thing1: 'Bench', thing2: `Message ${n}` } },
    }),
  },
];

const mobile = (n) => `138${String(n).padStart(8, '0')}`;

export const vendorOf = (provider) => VENDORS.find((vendor) => vendor.provider === provider);
