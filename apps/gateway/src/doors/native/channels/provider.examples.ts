import type { Channel } from '#contracts';
import {
  AliyunSmsSettings,
  ApnsSettings,
  DingtalkRobotSettings,
  DingtalkSettings,
  FcmSettings,
  JpushSettings,
  MqttSettings,
  SandboxSettings,
  SmppSettings,
  SmtpSettings,
  TencentSmsSettings,
  UmengSettings,
  WebhookSettings,
  WebpushSettings,
  WecomSettings,
} from '#providers';
import type { BodyExamples } from '../http/body-examples.js';
import { EXAMPLE_EC_KEY, EXAMPLE_RSA_KEY, EXAMPLE_VAPID } from './example-keys.js';

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
  FcmSettings,
  ApnsSettings,
  WebpushSettings,
  UmengSettings,
  JpushSettings,
  MqttSettings,
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
  {
    channel: 'push',
    provider: 'mqtt',
    settings: { url: 'mqtts://mqtt.example.com:8883', username: 'message-center', password: 'secret' },
  },
  { channel: 'webhook', provider: 'webhook', settings: { timeoutMs: 15_000 } },
  {
    channel: 'push',
    provider: 'fcm',
    settings: {
      projectId: 'my-app-1234',
      clientEmail: 'firebase-adminsdk-1@my-app-1234.iam.gserviceaccount.com',
      privateKey: EXAMPLE_RSA_KEY,
    },
  },
  {
    channel: 'push',
    provider: 'apns',
    settings: { keyId: 'ABC123DEFG', teamId: 'DEF123GHIJ', privateKey: EXAMPLE_EC_KEY, topic: 'com.example.app' },
  },
  { channel: 'push', provider: 'webpush', settings: { ...EXAMPLE_VAPID, subject: 'mailto:admin@example.com' } },
  {
    channel: 'push',
    provider: 'umeng',
    settings: {
      appKey: '5f6c7d8e9a0b1c2d3e4f5a6b',
      appMasterSecret: 'androidsecret',
      iosAppKey: '5f6c7d8e9a0b1c2d3e4f5a6c',
      iosAppMasterSecret: 'iossecret',
    },
  },
  {
    channel: 'push',
    provider: 'jpush',
    settings: { appKey: 'a1b2c3d4e5f6a7b8c9d0e1f2', masterSecret: 'jpushsecret' },
  },
  { channel: 'sms', provider: 'sandbox', settings: {} },
];

/** The same for Swagger UI, one to choose from each. */
export const PUT_CHANNEL_EXAMPLES: BodyExamples = Object.fromEntries(
  PROVIDER_EXAMPLES.map(({ channel, provider, settings }) => [
    `${channel}: ${provider}`,
    { value: { enabled: true, providers: [{ id: 'main', provider, settings }] } },
  ]),
);
