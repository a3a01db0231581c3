/** The 35 codes of the door by name: what the caller sees, what `rspMsg` says unless the error knows better, and when. */
export const PLATFORM_CODES = {
  done: ['000000', '操作完成', 'done'],
  smsDone: ['1', '操作成功！', 'done (sendMessageBySMSApi only)'],
  smsQuota: ['100011', '发送短信额度不足', 'the SMS quota does not cover the request: nothing was sent or deducted'],
  callClosed: ['400002', '应用未激活此接口，请联系管理员开启', 'the app lacks the feature of this call'],
  parameter: ['500001', '参数校验有误', 'a parameter is missing or malformed: `rspMsg` names it'],
  credentials: [
    '500002',
    '无效的应用ID或密钥，或应用为禁用状态',
    'appId, secret, state of the app or address of the caller',
  ],
  token: [
    '500003',
    '无效的请求凭证，请重新获取 token',
    'token missing, unknown, expired, revoked, or used from elsewhere',
  ],
  messageUnknown: ['500005', '无效的 msgId 参数', '`msgId` missing, unknown, or another app’s'],
  notTodo: ['500006', '无效的待办消息', 'the message is not a to-do'],
  nobodySubscribed: ['500007', '不存在订阅的人员数据', 'every receiver opted out of this app'],
  dispatching: ['500008', '待办/任务消息后台未处理完成，无法修改消息状态', 'the to-do is still being dispatched'],
  channelClosed: ['500010', '未开通发送渠道的权限，请联系管理员', 'a named channel is not open to the app'],
  smartEmpty: ['500011', '使用智能模式未开通至少一个渠道，请联系管理员', 'IntelligenceMode without any open channel'],
  contentRefused: [
    '500012',
    '不合法的请求内容',
    '【】 in an SMS, a link that is none, or HTML of which nothing is left',
  ],
  sensitiveWord: ['500013', '消息具有敏感词汇，请修改后重试', 'the text holds a sensitive word'],
  channelOff: ['500014', '渠道已关闭', 'a channel is switched off or not configured'],
  todoDuplicate: ['500015', '重复发送待办/任务消息', 'a receiver has the same to-do open'],
  accountUnknown: ['600000', '对应的公众平台不存在', 'publicId unknown'],
  wechatFailed: ['600001', '微信公众号获取数据失败', 'WeChat answered an error to a list call'],
  wechatToken: ['600002', '公众号TOKEN失效', 'no access token could be had from WeChat'],
  openidUnknown: ['600003', '系统不存在对应的公众平台人员标识', 'the user has no openid at this account'],
  userMissing: ['600004', '人员信息不能为空', 'userId missing'],
  accountMissing: ['600005', '公众平台信息不能为空', 'publicId missing'],
  templateMissing: ['600006', '模版消息不能为空', 'templateId missing'],
  keywordMissing: ['600007', '缺少对应的keyword的参数', 'a placeholder of the template has no value'],
  templateUnknown: ['600008', '对应的模版消息不存在', 'templateId unknown'],
  templateNotTodo: ['600009', '当前模版消息不是待办类型，不能调整办理状态', 'the template message is not a to-do'],
  stateUnchanged: ['600010', '模版消息办理状态相同不需要调整', 'the to-do is in that state already'],
  accountOff: ['600011', '公众平台已禁用', 'the account is disabled'],
  appUnknown: ['600020', '第三方应用不存在', 'the one appId asked for is unknown'],
  appsUnknown: ['600021', '包含不存在的第三方应用', 'some of the appIds asked for are unknown'],
  accountUnbound: ['600022', '没有发送的当前公众号的权利,请联系管理员进行绑定', 'the account is not bound to this app'],
  notOurTemplate: ['600023', '不是当前平台发送的模版信息', 'no template message of this app has this msgId'],
  unfollowed: ['600024', '当前平台已经取消订阅', 'the user no longer follows the account'],
  other: ['999999', '其他异常信息', 'over the rate limit (see Retry-After), or a failure of ours with its requestId'],
} as const satisfies Record<string, readonly [rspCode: string, rspMsg: string, when: string]>;

export type PlatformCode = keyof typeof PLATFORM_CODES;
export type RspCode = (typeof PLATFORM_CODES)[PlatformCode][0];

export const rspCodeOf = (code: PlatformCode): RspCode => PLATFORM_CODES[code][0];
export const rspMsgOf = (code: PlatformCode): string => PLATFORM_CODES[code][1];
export const meaningOf = (code: PlatformCode): string => PLATFORM_CODES[code][2];
