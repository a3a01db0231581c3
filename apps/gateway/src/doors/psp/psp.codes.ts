/** The codes of the door by name: number, HTTP status, what a caller reads where there is nothing better to say, and when. */
export const PSP_CODES = {
  internal: [2000, 500, '系统内部错误', 'a failure of ours, with a requestId; HTTP 400: no such path under `/psp/`'],
  noAppkey: [2001, 500, '请求头缺少 appkey', 'header `appkey` missing'],
  token: [
    2002,
    401,
    '请求头 validationtoken 缺失或不正确：应为 md5(appkey 小写 + secret 小写 + timestamp) 的小写十六进制',
    'header `validationtoken` missing or wrong',
  ],
  timestamp: [
    2003,
    401,
    '请求头 timestamp 缺失、不是毫秒时间戳、与服务器时间相差超过 10 分钟，或该签名已使用过',
    'header `timestamp` missing, malformed, more than 10 minutes off, or (`PSP_REPLAY=once`) its triple used before',
  ],
  forbidden: [
    2004,
    403,
    '应用不存在、已停用、来源 IP 未被允许，或未开通推送渠道，请联系管理员',
    'app unknown or disabled, IP not allowed, channel `push` not open to the app or switched off',
  ],
  task: [2005, 404, 'task_id 不存在', 'no such task, or another app’s'],
  parameter: [2008, 400, '参数错误', 'JSON malformed; a field missing or wrong (named); no target'],
  size: [2009, 400, 'payload 过大', '`payload` over 1024 B; unicast to iOS: over 256 B'],
  target: [
    2010,
    404,
    '推送目标不存在，请先注册设备',
    'unicast: the device is unknown, or no test device in test mode; groupcast: none of the targets is known',
  ],
  rate: [2011, 429, '请求过于频繁，请稍后重试', 'rate or quota of the app'],
} as const satisfies Record<string, readonly [code: number, status: number, message: string, when: string]>;

export type PspCode = keyof typeof PSP_CODES;
