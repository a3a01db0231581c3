export { cutCharacters } from './outbound/cut-characters.js';
export {
  CONTENT_FORMATS,
  type AddressEvent,
  type ChannelProvider,
  type ContentFormat,
  type DeviceAck,
  type InboundAnswer,
  type InboundRequest,
  type OutboundDelivery,
  type OutboundDevice,
  type Outcome,
  type ProviderAccount,
  type ProviderFactory,
  type ProviderInbox,
  type ProviderNews,
  type ProviderReceipt,
  type QueryAnswer,
  type RecipientLimit,
  type RenderedContent,
  type SentCard,
  type Uplink,
} from './port/channel-provider.port.js';
export { TokenRefusedError, type FetchToken, type FetchedToken, type TokenCustody } from './port/token-custody.port.js';
export type { StoredToken, TokenChange, TokenStore } from './port/token-store.port.js';
export { SharedTokenCustody } from './tokens/shared-token-custody.js';
export type { SandboxMessage, SandboxReceipt, SandboxStore } from './port/sandbox-store.port.js';
export { pushMessageOf, type PushMessage } from './push/push-message.js';
export { AccountSecrets, type StoredAccount } from './registry/account-secrets.js';
export { knownProviders, type ProviderSurroundings } from './registry/known-providers.js';
export { ProviderRegistry } from './registry/provider-registry.js';
export { type SettingsProblem } from './registry/read-settings.js';
export { MqttFactory } from './mqtt/mqtt.factory.js';
export { MqttSettings } from './mqtt/mqtt.settings.js';
export { SandboxFactory } from './sandbox/sandbox.factory.js';
export { SANDBOX_RECIPIENTS, sandboxRecipientOf, type SandboxRecipient } from './sandbox/sandbox.outcomes.js';
export { SandboxSettings } from './sandbox/sandbox.settings.js';
export { SmppFactory } from './smpp/smpp.factory.js';
export { SmppSettings } from './smpp/smpp.settings.js';
export { SmtpFactory } from './smtp/smtp.factory.js';
export { SmtpSettings } from './smtp/smtp.settings.js';
export { WebhookFactory } from './webhook/webhook.factory.js';
export { WebhookSettings } from './webhook/webhook.settings.js';
export { AliyunSmsFactory } from './aliyun-sms/aliyun-sms.factory.js';
export { AliyunSmsSettings } from './aliyun-sms/aliyun-sms.settings.js';
export { TencentSmsFactory } from './tencent-sms/tencent-sms.factory.js';
export { TencentSmsSettings } from './tencent-sms/tencent-sms.settings.js';
export { hintOf } from './hints/channel-hints.js';
export { type Hint } from './hints/hint.js';
export { WecomFactory } from './wecom/wecom.factory.js';
export { WecomSettings } from './wecom/wecom.settings.js';
export { DingtalkFactory } from './dingtalk/dingtalk.factory.js';
export { DingtalkSettings } from './dingtalk/dingtalk.settings.js';
export { DingtalkRobotFactory } from './dingtalk-robot/dingtalk-robot.factory.js';
export { DingtalkRobotSettings } from './dingtalk-robot/dingtalk-robot.settings.js';
export { WechatFactory } from './wechat/wechat.factory.js';
export { WechatDefaultTemplate, WechatSettings } from './wechat/wechat.settings.js';
export { eachWechatFollower, type WechatFollower, type WechatFollowersEnd } from './wechat/wechat.followers.js';
export { listWechatTemplates, type WechatTemplate } from './wechat/wechat.templates.js';
export { ApnsSettings } from './apns/apns.settings.js';
export { FcmSettings } from './fcm/fcm.settings.js';
export { JpushSettings } from './jpush/jpush.settings.js';
export { UmengSettings } from './umeng/umeng.settings.js';
export { WebpushSettings } from './webpush/webpush.settings.js';
