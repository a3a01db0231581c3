import { hint, type HintTable } from './hint.js';
import { PUSH_HINTS } from './push-hints.js';
import { SMS_HINTS } from './sms-hints.js';

/** By provider and its code; `*` holds what can befall any provider. */
export const HINTS: Readonly<Record<string, HintTable>> = {
  ...PUSH_HINTS,
  ...SMS_HINTS,
  wecom: {
    '40001': hint(
      'Secret 不正确。请在企业微信管理后台「应用管理 → 该应用」重新复制 Secret，不要用通讯录或其他应用的 Secret。',
      'The secret is wrong. Copy it again from the admin console, 应用管理 → this app; the contacts secret and other apps’ secrets do not work.',
    ),
    '40091': hint(
      'Secret 无效或已被重置，请在企业微信管理后台重新获取并更新通道设置。',
      'The secret is invalid or was reset. Fetch the current one from the admin console and update the channel.',
    ),
    '40013': hint(
      '企业ID 不正确。请在「我的企业 → 企业信息」底部复制企业ID。',
      'The company id is wrong. Copy 企业ID from 我的企业 → 企业信息.',
    ),
    '40056': hint(
      'AgentId 不正确，请核对应用详情页上的 AgentId。',
      'The AgentId is wrong. Compare it with the one on the app’s page.',
    ),
    '301002': hint(
      '该 Secret 无权操作此 AgentId：两者必须属于同一个应用。',
      'The secret may not use this AgentId: both must belong to the same app.',
    ),
    '60020': hint(
      '服务器出口 IP 不在企业可信IP中。请把错误信息里的 from ip 加入「应用详情 → 企业可信IP」。',
      'Our outgoing IP is not trusted. Add the “from ip” of the vendor’s words to 企业可信IP on the app’s page.',
    ),
    '81013': hint(
      '接收人全部无效：请检查成员账号（UserID）是否正确，以及是否在应用的可见范围内。',
      'None of the recipients can be reached. Check the member’s account (UserID) and that it is within the app’s 可见范围.',
    ),
    invaliduser: hint(
      '成员不存在或不在应用可见范围内。请在应用的「可见范围」中加入该成员或其部门。',
      'No such member, or outside the app’s range. Add the member or the department to 可见范围 of the app.',
    ),
    unlicenseduser: hint(
      '该成员没有接口许可账号，请在管理后台为其分配许可。',
      'The member has no licence for the interface. Assign one in the admin console.',
    ),
    '60011': hint(
      '应用无权访问该成员，请调整应用的可见范围。',
      'The app may not reach this member. Extend its 可见范围.',
    ),
    '60111': hint(
      '成员账号（UserID）不存在，请核对用户资料中的企业微信账号。',
      'There is no such UserID. Correct the user’s WeCom address.',
    ),
    '50003': hint('应用已被停用，请在管理后台启用。', 'The app is disabled. Enable it in the admin console.'),
    '40003': hint(
      '成员账号（UserID）无效，请核对用户资料中的企业微信账号。',
      'The UserID is invalid. Correct the user’s WeCom address.',
    ),
    '48005': hint(
      '应用的接口权限被限制，请在管理后台查看该应用的状态。',
      'The app’s interface is restricted. The admin console shows the state of the app.',
    ),
    '48002': hint(
      '应用没有此接口的权限，请确认是自建应用且未被限制。',
      'The app may not call this interface. Use an app of your own company (自建应用).',
    ),
    '45009': hint(
      '调用频率超限，会自动稍后重试；请错开整点和半点，或降低通道速率。',
      'Too many calls; they are repeated later by themselves. Avoid :00 and :30 or lower the channel’s rate.',
    ),
    '45033': hint(
      '并发过高，会自动重试；请调低通道设置中的 concurrency。',
      'Too many calls at once; they are repeated by themselves. Lower the setting concurrency.',
    ),
    '45002': hint('内容过长，请缩短标题或正文。', 'The content is too long. Shorten title or text.'),
  },
  dingtalk: {
    '40089': hint(
      'AppKey 或 AppSecret 不正确，请在开放平台「凭证与基础信息」重新复制。',
      'AppKey or AppSecret is wrong. Copy both again from 凭证与基础信息 of the app.',
    ),
    '40096': hint(
      'AppKey 不正确，请在开放平台「凭证与基础信息」重新复制。',
      'The AppKey is wrong. Copy it again from 凭证与基础信息 of the app.',
    ),
    '60020': hint(
      '服务器出口 IP 不在白名单中，请在应用「安全设置 → 服务器出口IP」中加入。',
      'Our outgoing IP is not allowed. Add it under 安全设置 → 服务器出口IP of the app.',
    ),
    '60011': hint(
      '应用没有该接口权限，请在开放平台「权限管理」申请并等待生效。',
      'The app lacks the permission. Apply for it under 权限管理 and wait until it holds.',
    ),
    '400002': hint(
      '参数无效：请核对 AgentId 是否属于该应用。',
      'A parameter is invalid: check that the AgentId is that of this app.',
    ),
    '33012': hint(
      '用户 userid 无效，请核对用户资料中的钉钉账号。',
      'The userid is invalid. Correct the user’s DingTalk address.',
    ),
    invalid_user: hint(
      '企业中没有该用户，请核对其钉钉 userid。',
      'Nobody in the company has this userid. Correct the user’s DingTalk address.',
    ),
    '143103': hint(
      '每分钟发送人次超限，会自动稍后重试。',
      'Too many recipients within a minute; they are repeated later by themselves.',
    ),
    '143104': hint(
      '企业每分钟发送人次超限，会自动稍后重试。',
      'The company has sent to too many people within a minute; they are repeated later by themselves.',
    ),
    '143105': hint(
      '该员工今天已收到 500 条通知，明天才能再发。',
      'This person has had the 500 notices of a day. More can be sent tomorrow.',
    ),
    '143106': hint(
      '同一内容当天只能发给同一员工一次。请打开通道设置 uniqueLine。',
      'The same words reach a person only once a day. Switch on the setting uniqueLine.',
    ),
    '1430002': hint('内容包含违禁词，请修改后再发。', 'The content holds forbidden words. Change it.'),
    '34016': hint('内容超过 2048 字节，请缩短。', 'The content exceeds 2,048 bytes. Shorten it.'),
  },
  'dingtalk-robot': {
    '310000': hint(
      '未通过机器人安全设置：请核对加签密钥、自定义关键词或 IP 白名单，并确认服务器时间准确。',
      'The robot’s security setting refuses it: check the signing secret, the keyword or the IP list, and the server’s clock.',
    ),
    '130101': hint(
      '超过每分钟 20 条，机器人被限流 10 分钟，会自动重试；请按副本数调低 perMinute。',
      'More than 20 messages a minute: the robot is silenced for 10 minutes, then it goes on by itself. Lower perMinute by the number of workers.',
    ),
    minute_full: hint(
      '本分钟额度已用完，会自动在下一分钟发送。',
      'The robot’s messages of this minute are used up; it goes on by itself in the next.',
    ),
    '300001': hint(
      'access_token 不存在，请重新复制机器人的 Webhook 地址。',
      'There is no such access_token. Copy the robot’s webhook address again.',
    ),
    '400102': hint('机器人已停用，请在群设置中启用。', 'The robot is switched off. Switch it on in the group.'),
    '400013': hint('群已解散，请换一个群的机器人。', 'The group is gone. Use the robot of another.'),
  },
  wechat: {
    '40001': hint(
      'AppSecret 不正确或 access_token 被其他系统刷新。请核对 AppSecret，并让其他系统改用 stable_token。',
      'The AppSecret is wrong, or another system renewed the token. Check the AppSecret and move other systems to stable_token.',
    ),
    '40125': hint(
      'AppSecret 无效，请在公众平台「开发接口管理 → 基本配置」重置后更新。',
      'The AppSecret is invalid. Reset it under 基本配置 of the account and update the settings.',
    ),
    '40013': hint('AppID 不正确，请核对公众号的 AppID。', 'The AppID is wrong. Compare it with the account’s.'),
    '40164': hint(
      '服务器 IP 不在白名单中，请把错误信息里的 IP 加入「基本配置 → IP白名单」。',
      'Our IP is not allowed. Add the one in the vendor’s words to 基本配置 → IP白名单.',
    ),
    '48001': hint(
      '公众号没有该接口权限：需要已认证的服务号，并开通模板消息。',
      'The account may not call this interface: it must be a verified service account with template messages.',
    ),
    '48004': hint('接口被封禁，请登录公众平台查看原因。', 'The interface is banned. The account’s console says why.'),
    '40003': hint(
      'OpenID 无效：它必须来自同一个公众号。',
      'The OpenID is invalid: it must be one of this same account.',
    ),
    '43004': hint('用户未关注公众号，请改用其他通道。', 'The person does not follow the account. Use another channel.'),
    '43019': hint(
      '用户已被公众号拉黑，请在公众平台移出黑名单，或改用其他通道。',
      'The account has blacklisted the person. Take them off its list, or use another channel.',
    ),
    '50005': hint('用户未关注公众号，请改用其他通道。', 'The person does not follow the account. Use another channel.'),
    '43117': hint(
      '给该用户发送过于频繁，五分钟后自动重试。',
      'Too many messages to this person; it is tried again after five minutes by itself.',
    ),
    '40241': hint(
      '同一用户一分钟内已收到相同的消息，会自动稍后重试。',
      'The person got the same within a minute; it is tried again later by itself.',
    ),
    '43101': hint('用户拒收该消息，请改用其他通道。', 'The person refuses this message. Use another channel.'),
    '40037': hint(
      '模板 ID 不存在，请同步模板列表后重新选择。',
      'There is no such template. Sync the templates and choose again.',
    ),
    '47003': hint(
      '模板参数为空或不符合字段类型，请按错误信息修改对应字段。',
      'A template value is empty or unfit for its field. The vendor’s words name the field.',
    ),
    '45009': hint(
      '当日调用额度用完，次日零点自动恢复发送。',
      'The day’s quota is used up; sending goes on at midnight in China.',
    ),
    '45011': hint('调用太频繁，会自动稍后重试。', 'Too many calls; they are repeated later by themselves.'),
    no_template: hint(
      '公众号只能发送模板消息：请为该公众号设置 defaultTemplate，或在消息模板中指定 templateId。',
      'WeChat shows template messages only. Set the account’s defaultTemplate, or name a templateId in the message’s template.',
    ),
  },
  smtp: {
    '535': hint(
      '用户名或密码错误；很多邮箱要求使用「授权码」而不是登录密码。',
      'User or password is wrong. Many mail services want an app password instead of the login’s.',
    ),
    '530': hint('服务器要求登录，请填写 user 和 pass。', 'The server wants a login. Set user and pass.'),
    '5.1.1': hint('邮箱不存在，请核对地址。', 'There is no such mailbox. Correct the address.'),
    '5.1.2': hint('收件人域名不存在，请核对地址。', 'There is no such domain. Correct the address.'),
    '5.2.2': hint('对方邮箱已满，会自动重试。', 'The mailbox is full; it is tried again by itself.'),
    '5.2.3': hint('邮件过大，请缩小内容。', 'The mail is too big. Make it smaller.'),
    '5.7.1': hint(
      '被对方策略拒绝：请检查发件域名的 SPF、DKIM、DMARC 以及发件人是否为登录账号。',
      'Refused by policy. Check SPF, DKIM and DMARC of the sender’s domain, and that the login may send as this sender.',
    ),
    '553': hint(
      '发件人或收件人地址不被接受：发件人通常必须等于登录账号。',
      'The address is not accepted. The sender mostly must be the login’s own address.',
    ),
    '554': hint(
      '邮件被拒绝（常为垃圾邮件策略），请检查内容和发件域名信誉。',
      'The mail was refused, mostly as spam. Check its content and the reputation of the domain.',
    ),
    eauth: hint('登录失败，请核对用户名和密码。', 'The login failed. Check user and password.'),
    tls_failed: hint(
      'TLS 握手失败：465 端口请设 secure，587 端口不要设；自签证书请填 ca。',
      'TLS failed. Use secure with port 465, not with 587; give the certificate authority in ca.',
    ),
  },
  webhook: {
    blocked_address: hint(
      '该地址不允许访问：只能是公网地址，内网地址需在 OUTGOING_ALLOW 中放行。',
      'This address may not be called: it must be public, or opened in OUTGOING_ALLOW.',
    ),
    http_401: hint('接收方要求认证，请检查签名密钥。', 'The receiver wants authentication. Check the signing secret.'),
    http_403: hint('接收方拒绝访问，请检查其白名单。', 'The receiver refuses us. Check its list of allowed callers.'),
    http_404: hint('接收地址不存在，请核对 URL。', 'There is nothing at this URL. Correct it.'),
  },
  mqtt: {
    '0x04': hint(
      '用户名或密码错误：请核对 MQTT 服务器上为消息中心建立的账号。',
      'Wrong user or password. Compare them with the account that the broker has for the center.',
    ),
    '0x86': hint(
      '用户名或密码错误：请核对 MQTT 服务器上为消息中心建立的账号。',
      'Wrong user or password. Compare them with the account that the broker has for the center.',
    ),
    '0x05': hint(
      'MQTT 服务器拒绝登录：请核对用户名、密码和访问控制。',
      'The broker does not let the account in. Check user, password and its access rules.',
    ),
    '0x87': hint(
      '没有权限：账号须可发布 device/+/msg，并可订阅 device/+/ack 和 device/+/hello。',
      'Not allowed. The account must be able to publish to device/+/msg and to subscribe to device/+/ack and device/+/hello.',
    ),
    '0x10': hint(
      '没有订阅者：设备未连接，也没有保留会话。请让设备以 clean=false 连接并订阅 device/<token>/msg。',
      'Nobody listens. The device must connect with clean=false and subscribe to device/<token>/msg.',
    ),
    '0x95': hint('消息超过服务器允许的大小，请缩短内容。', 'The message is larger than the broker takes. Shorten it.'),
    subscription_refused: hint(
      '账号不能订阅 device/+/ack 和 device/+/hello：请修改服务器的访问控制，或把 acks 设为 none（则推送始终停留在 sent）。',
      'The account may not subscribe to device/+/ack and device/+/hello. Change the broker’s rules, or set acks to none (pushes then stay sent).',
    ),
    bad_token: hint(
      '不是设备标识：只能包含字母、数字和 . _ : -。',
      'Not a device token: letters, digits and . _ : - only.',
    ),
  },
  '*': {
    not_configured: hint('该通道没有配置服务商，请先配置。', 'No provider serves this channel. Configure one.'),
    timeout: hint(
      '服务商未在限定时间内应答：请检查网络、代理和 baseUrl，必要时增大 timeoutMs。',
      'No answer in time. Check the network, the proxy and baseUrl; raise timeoutMs if need be.',
    ),
    connection_refused: hint(
      '连接被拒绝：请检查地址、端口和防火墙。',
      'The connection was refused. Check address, port and firewall.',
    ),
    connection_failed: hint(
      '无法连接：请检查域名解析、网络和代理；内网地址需在 OUTGOING_ALLOW 中放行。',
      'No connection. Check name resolution, network and proxy; a private address must be opened in OUTGOING_ALLOW.',
    ),
    blocked_address: hint(
      '该地址不允许访问：只能是公网地址，内网地址或代理需在 OUTGOING_ALLOW 中放行。',
      'This address may not be called: it must be public. A private one or a proxy must be opened in OUTGOING_ALLOW.',
    ),
    invalid_request: hint(
      '设置中含有 HTTP 无法传输的字符（如换行），请重新填写密钥和地址。',
      'A setting holds what HTTP cannot carry, such as a line break. Enter keys and addresses again.',
    ),
    host_not_found: hint('域名无法解析，请核对主机名。', 'The name cannot be resolved. Correct the host.'),
    broken_answer: hint(
      '应答不完整或不是服务商的格式：请检查 baseUrl 和中间的代理。',
      'The answer was broken or not the vendor’s. Check baseUrl and whatever stands in between.',
    ),
    http_302: hint(
      '地址发生跳转：baseUrl 可能写错，或代理需要登录。',
      'It redirects: baseUrl may be wrong, or a proxy wants a login.',
    ),
    http_403: hint(
      '被网关或代理拒绝，请检查出口策略。',
      'A gateway or proxy refuses us. Check the rules for outgoing calls.',
    ),
    http_404: hint('地址不存在：请核对 baseUrl。', 'There is nothing at this address. Correct baseUrl.'),
    http_429: hint('调用过于频繁，会自动稍后重试。', 'Too many calls; they are repeated later by themselves.'),
    bad_address: hint(
      '地址格式不正确：只能填一个人的账号。',
      'Not an address of this channel: it must name one person.',
    ),
    too_long: hint('内容超过服务商允许的长度，请缩短。', 'The content is longer than the provider takes. Shorten it.'),
    token_unavailable: hint(
      '暂时无法读取访问令牌，请检查数据库连接。',
      'The access token cannot be read at the moment. Check the database.',
    ),
  },
};
