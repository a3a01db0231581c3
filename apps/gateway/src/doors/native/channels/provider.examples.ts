import type { ApiBodyOptions } from '@nestjs/swagger';
import type { Channel } from '#contracts';
import {
  AliyunSmsSettings,
  DingtalkRobotSettings,
  DingtalkSettings,
  SandboxSettings,
  SmppSettings,
  SmtpSettings,
  TencentSmsSettings,
  WebhookSettings,
  WecomSettings,
} from '#providers';

/** Settings of the providers that a channel may be given, for the documentation. WeChat's stand with the public accounts. */
export const PROVIDER_SETTINGS = [
  AliyunSmsSettings,
  TencentSmsSettings,
  SmppSettings,
  SmtpSettings,
  WecomSettings,
  DingtalkSettings,
  DingtalkRobotSettings,
  WebhookSettings,
  SandboxSettings,
];

export interface ProviderExample {
  channel: Channel;
  provider: string;
  settings: Record<string, unknown>;
}

/** A set-up of each provider, as an administrator may send it. */
export const PROVIDER_EXAMPLES: readonly ProviderExample[] = [
  {
    channel: 'sms',
    provider: 'aliyun',
    settings: {
      accessKeyId: 'LTAI5tExample',
      accessKeySecret: 'secret',
      signName: '示例公司',
      templates: [{ code: 'SMS_123456789', text: '您的验证码是${code}，5分钟内有效。' }],
      callbackToken: 'a-long-random-token-1',
    },
  },
  {
    channel: 'sms',
    provider: 'tencent',
    settings: {
      secretId: 'AKIDexample',
      secretKey: 'secret',
      smsSdkAppId: '1400006666',
      signName: '示例公司',
      templates: [{ code: '1234567', text: '您的验证码是{1}，{2}分钟内有效。' }],
      callbackToken: 'a-long-random-token-2',
    },
  },
  {
    channel: 'sms',
    provider: 'smpp',
    settings: {
      host: 'smsc.example.com',
      port: 2775,
      systemId: 'center',
      password: 'secret',
      sourceAddr: '10690000',
    },
  },
  {
    channel: 'mail',
    provider: 'smtp',
    settings: { host: 'smtp.example.com', port: 587, user: 'mailer', pass: 'secret', from: 'noreply@example.com' },
  },
  {
    channel: 'wecom',
    provider: 'wecom',
    settings: { corpId: 'ww0123456789abcdef', secret: 'secret', agentId: 1_000_002 },
  },
  {
    channel: 'dingtalk',
    provider: 'dingtalk',
    settings: { appKey: 'dingexample', appSecret: 'secret', agentId: 123_456_789 },
  },
  { channel: 'dingtalk', provider: 'dingtalk-robot', settings: { accessToken: 'token', signSecret: 'SECsecret' } },
  { channel: 'webhook', provider: 'webhook', settings: { timeoutMs: 15_000 } },
  { channel: 'sms', provider: 'sandbox', settings: {} },
];

/** The same for Swagger UI, one to choose from each. */
export const PUT_CHANNEL_EXAMPLES: NonNullable<Extract<ApiBodyOptions, { examples?: unknown }>['examples']> =
  Object.fromEntries(
    PROVIDER_EXAMPLES.map(({ channel, provider, settings }) => [
      `${channel}: ${provider}`,
      { value: { enabled: true, providers: [{ id: 'main', provider, settings }] } },
    ]),
  );
