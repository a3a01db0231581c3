import { hint, type HintTable } from './hint.js';

/** By provider of channel `push` and its code. */
export const PUSH_HINTS: Readonly<Record<string, HintTable>> = {
  fcm: {
    invalid_grant: hint(
      '服务账号的私钥与 client_email 不匹配、已被删除，或本机时间不准。请在 Firebase 控制台重新生成私钥并核对时间。',
      'The key does not belong to client_email, was deleted, or the server’s clock is off. Make a new key in the Firebase console and check the clock.',
    ),
    UNREGISTERED: hint(
      '该设备令牌已失效（应用被卸载或令牌已更换），设备需要重新注册。',
      'The token is dead: the app was removed or has a new one. The device has to register again.',
    ),
    INVALID_ARGUMENT: hint(
      '令牌不是 FCM 令牌，或内容不合要求，请核对设备登记的令牌与内容长度。',
      'The token is not one of FCM, or the content is not accepted. Check the registered token and the length of the content.',
    ),
    SENDER_ID_MISMATCH: hint(
      '该令牌属于另一个 Firebase 项目：请核对应用内的 google-services 配置与通道的 projectId。',
      'The token is of another Firebase project. Compare the app’s google-services file with projectId.',
    ),
    THIRD_PARTY_AUTH_ERROR: hint(
      'Firebase 项目中缺少有效的 APNs 密钥或 Web 推送密钥，请在「项目设置 → Cloud Messaging」中上传。',
      'The Firebase project lacks a valid APNs or web push key. Upload it under project settings → Cloud Messaging.',
    ),
    PERMISSION_DENIED: hint(
      '服务账号没有发送权限，或项目未启用 FCM API，请在 Google Cloud 控制台启用并授权。',
      'The service account may not send, or the FCM API is off. Enable it and grant the right in the Google Cloud console.',
    ),
    NOT_FOUND: hint(
      '没有这个 Firebase 项目，请核对 projectId。',
      'There is no such Firebase project. Check projectId.',
    ),
    QUOTA_EXCEEDED: hint('发送超出配额，会自动稍后重试。', 'More than the quota; it is sent later by itself.'),
  },
  apns: {
    InvalidProviderToken: hint(
      '密钥（.p8）、keyId 与 teamId 不匹配或密钥已被吊销，请在 Apple 开发者后台核对。',
      'Key, keyId and teamId do not belong together, or the key was revoked. Compare them in the developer account.',
    ),
    ExpiredProviderToken: hint(
      '本机时间与苹果相差超过一小时，请校准服务器时钟。',
      'The server’s clock is more than an hour off. Set it right.',
    ),
    BadDeviceToken: hint(
      '令牌无效或环境不符：开发版应用的设备请登记为测试设备（test: true），或调整 environment。',
      'The token is none, or of the other environment: register devices with a development build as test devices, or set environment.',
    ),
    DeviceTokenNotForTopic: hint(
      '该令牌属于另一个应用，请核对 topic（Bundle ID）。',
      'The token is of another app. Check topic, the bundle id.',
    ),
    Unregistered: hint(
      '该设备令牌已失效（应用被卸载），设备需要重新注册。',
      'The token is dead: the app was removed. The device has to register again.',
    ),
    TopicDisallowed: hint(
      '密钥无权用于该 topic，请核对 Bundle ID 与团队。',
      'The key may not be used for this topic. Check bundle id and team.',
    ),
    BadTopic: hint('topic 不正确：应为应用的 Bundle ID。', 'The topic is wrong: it is the app’s bundle id.'),
    TooManyProviderTokenUpdates: hint(
      '身份令牌更换过于频繁，20 分钟后自动恢复：请勿在别处用同一密钥频繁签发。',
      'New provider tokens came too often; it works again after 20 minutes. Check what else signs with this key.',
    ),
    PayloadTooLarge: hint('内容超过 4096 字节，请缩短。', 'The content exceeds 4,096 bytes. Shorten it.'),
    connection_failed: hint(
      '无法连接苹果推送服务：请放行出站 443 端口，代理须支持 HTTP/2；私有 CA 请填 ca。',
      'No connection to Apple. Open port 443 outward; a proxy must speak HTTP/2, and its own authority belongs into ca.',
    ),
  },
  webpush: {
    no_subscription: hint(
      '该设备没有可用的订阅信息，请用浏览器的 subscription 重新登记。',
      'The device has no usable subscription. Register it again with the one of its browser.',
    ),
    http_401: hint(
      'VAPID 密钥与页面订阅时使用的不一致，请核对 publicKey/privateKey。',
      'The VAPID keys are not those with which the page subscribed. Check publicKey and privateKey.',
    ),
    http_403: hint(
      'VAPID 密钥与页面订阅时使用的不一致，请核对 publicKey/privateKey。',
      'The VAPID keys are not those with which the page subscribed. Check publicKey and privateKey.',
    ),
    http_404: hint('订阅已失效，页面需要重新订阅。', 'The subscription is over. The page has to subscribe again.'),
    http_410: hint('订阅已失效，页面需要重新订阅。', 'The subscription is over. The page has to subscribe again.'),
    http_413: hint(
      '内容超过推送服务的上限，请缩短。',
      'The content is longer than the push service takes. Shorten it.',
    ),
    blocked_address: hint(
      '订阅地址不允许访问：只能是公网地址，内网推送服务需在 OUTGOING_ALLOW 中放行。',
      'The endpoint may not be called: it must be public, or opened in OUTGOING_ALLOW.',
    ),
  },
  umeng: {
    '2027': hint(
      '签名不正确：请核对 AppKey 与 App Master Secret；经代理访问时请填 signedUrl。',
      'The signature is wrong. Check AppKey and App Master Secret; behind a proxy set signedUrl.',
    ),
    '2007': hint(
      'AppKey 或 App Master Secret 不正确，或应用未开通推送。',
      'AppKey or App Master Secret is wrong, or push is not enabled for the app.',
    ),
    '2021': hint('AppKey 不存在，请核对。', 'There is no such AppKey. Correct it.'),
    '2000': hint('应用已被友盟禁用，请联系友盟。', 'Umeng has disabled the app. Turn to Umeng.'),
    '2004': hint(
      '服务器出口 IP 不在白名单中，请在友盟后台「应用信息 → 服务器IP地址」加入。',
      'Our outgoing IP is not allowed. Add it to 服务器IP地址 in the app’s settings at Umeng.',
    ),
    '2054': hint(
      '服务器出口 IP 不在白名单中，请在友盟后台「应用信息 → 服务器IP地址」加入。',
      'Our outgoing IP is not allowed. Add it to 服务器IP地址 in the app’s settings at Umeng.',
    ),
    '2028': hint('请求时间戳过期，请校准服务器时钟。', 'The time stamp is too old. Set the server’s clock right.'),
    '2032': hint(
      '未上传 iOS 生产证书，请在友盟后台上传。',
      'There is no iOS production certificate. Upload it at Umeng.',
    ),
    '2033': hint(
      '未上传 iOS 开发证书：测试设备需要它，请在友盟后台上传。',
      'There is no iOS development certificate, which test devices need. Upload it at Umeng.',
    ),
    '2009': hint(
      '设备令牌无效，请核对设备登记的 device_token。',
      'The device token is not accepted. Check what the device registered.',
    ),
    '2022': hint('内容过长，请缩短。', 'The content is too long. Shorten it.'),
    '2050': hint('调用过于频繁，会自动稍后重试。', 'Too many calls; they are repeated later by themselves.'),
    wrong_platform: hint(
      '该账号没有对应系统的应用：iOS 设备需要填写 iosAppKey 和 iosAppMasterSecret，安卓设备需要 appKey 和 appMasterSecret。',
      'The account has no app for the device’s system: give iosAppKey and its secret for iOS, appKey and its secret for Android.',
    ),
  },
  jpush: {
    '1004': hint(
      'AppKey 或 Master Secret 不正确，请在极光控制台「应用信息」重新复制。',
      'AppKey or Master Secret is wrong. Copy both again from 应用信息 of the app.',
    ),
    '1008': hint('AppKey 不存在，请核对。', 'There is no such AppKey. Correct it.'),
    '2003': hint(
      '服务器出口 IP 不在白名单中，请在极光控制台加入。',
      'Our outgoing IP is not allowed. Add it in the JPush console.',
    ),
    '1003': hint(
      '设备令牌不是极光的 Registration ID，请核对设备登记的令牌。',
      'The token is no Registration ID of JPush. Check what the device registered.',
    ),
    '1011': hint(
      '极光没有这台设备：应用被卸载或长期不活跃，设备需要重新注册。',
      'JPush knows no such device: the app was removed or not used for long. The device has to register again.',
    ),
    '1005': hint('内容过长，请缩短。', 'The content is too long. Shorten it.'),
    '2002': hint(
      '调用超出频率（免费应用每分钟 600 次），会自动稍后重试。',
      'Too many calls (600 a minute for free apps); they are repeated later by themselves.',
    ),
  },
};
