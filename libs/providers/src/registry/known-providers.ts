import type { GuardedHttp } from '#platform';
import { AliyunSmsFactory } from '../aliyun-sms/aliyun-sms.factory.js';
import { ApnsFactory } from '../apns/apns.factory.js';
import { DingtalkRobotFactory } from '../dingtalk-robot/dingtalk-robot.factory.js';
import { DingtalkFactory } from '../dingtalk/dingtalk.factory.js';
import { FcmFactory } from '../fcm/fcm.factory.js';
import { JpushFactory } from '../jpush/jpush.factory.js';
import type { ProviderFactory, ProviderInbox } from '../port/channel-provider.port.js';
import type { SandboxStore } from '../port/sandbox-store.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { MqttFactory } from '../mqtt/mqtt.factory.js';
import { SandboxFactory } from '../sandbox/sandbox.factory.js';
import { SmppFactory } from '../smpp/smpp.factory.js';
import { SmtpFactory } from '../smtp/smtp.factory.js';
import { TencentSmsFactory } from '../tencent-sms/tencent-sms.factory.js';
import { UmengFactory } from '../umeng/umeng.factory.js';
import { WebhookFactory } from '../webhook/webhook.factory.js';
import { WebpushFactory } from '../webpush/webpush.factory.js';
import { WechatFactory } from '../wechat/wechat.factory.js';
import { WecomFactory } from '../wecom/wecom.factory.js';

export interface ProviderSurroundings {
  http: GuardedHttp;
  custody: TokenCustody;
  sandbox: SandboxStore;
  inbox: ProviderInbox;
  /** Name of this process, the same after a restart and unlike that of any other. */
  replica: string;
}

/** Every adapter there is: one line a vendor. */
export const knownProviders = ({ http, custody, sandbox, inbox, replica }: ProviderSurroundings): ProviderFactory[] => [
  new SandboxFactory(sandbox),
  new AliyunSmsFactory(http),
  new TencentSmsFactory(http),
  new SmppFactory(inbox),
  new SmtpFactory(),
  new WechatFactory(http, custody),
  new WecomFactory(http, custody),
  new DingtalkFactory(http, custody),
  new DingtalkRobotFactory(http),
  new WebhookFactory(http),
  new FcmFactory(http, custody),
  new ApnsFactory(http, custody),
  new WebpushFactory(http),
  new UmengFactory(http),
  new JpushFactory(http),
  new MqttFactory(inbox, replica),
];
