import { AppError } from '#contracts';
import { OverloadedError } from '#messaging';
import { BodyError } from '../../http/raw-body.js';
import { IntakeError, type Refusal } from '../../intake/intake-error.js';
import type { OverlongParams } from '../../intake/param-limits.policy.js';

/** Codes of the door. Public contract. */
export const MSG_CODE = {
  done: 0,
  token: 40001,
  parameter: 40002,
  channelUnknown: 40003,
  template: 40004,
  tag: 40005,
  reference: 40006,
  recipient: 40007,
  sensitiveWord: 40010,
  channelClosed: 40300,
  rate: 42900,
  internal: 50000,
} as const;

/** Says no more than this of what is wrong with a token. */
export const TOO_FREQUENT = '请求过于频繁，请稍后重试';

export const TOKEN_REFUSED = 'access_token 缺失、无效或已过期，或来源 IP 未被允许';

/** A refusal in the door's own words. */
export class MsgError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export interface MsgFailure {
  status: 200 | 503;
  body: { code: number; message: string; requestId?: string };
}

const CODE_OF: Readonly<Record<Refusal, number>> = {
  template_unknown: MSG_CODE.template,
  content_missing: MSG_CODE.template,
  param_missing: MSG_CODE.template,
  channel_closed: MSG_CODE.channelClosed,
  channel_off: MSG_CODE.channelClosed,
  smart_closed: MSG_CODE.channelClosed,
  tag_unknown: MSG_CODE.tag,
  org_unit_unknown: MSG_CODE.parameter,
  recipient_unknown: MSG_CODE.recipient,
  no_address: MSG_CODE.recipient,
  audience_empty: MSG_CODE.parameter,
  all_opted_out: MSG_CODE.recipient,
  broadcast_closed: MSG_CODE.parameter,
  address_invalid: MSG_CODE.parameter,
  text_invalid: MSG_CODE.parameter,
  sensitive_word: MSG_CODE.sensitiveWord,
  sms_signature: MSG_CODE.parameter,
  callback_refused: MSG_CODE.parameter,
  time_refused: MSG_CODE.parameter,
  reminder_refused: MSG_CODE.parameter,
  idempotency_conflict: MSG_CODE.parameter,
  todo_duplicate: MSG_CODE.parameter,
  sms_quota_exceeded: MSG_CODE.rate,
};

/** The door's names of what the intake calls otherwise. */
const FIELD_OF: Readonly<Record<string, string>> = {
  to: 'uid/tag',
  'to.users': 'uid',
  clientRef: 'client_ref',
  idempotency: 'client_ref',
  statusCallback: 'status_callback',
};

/** What to do next, in the door's language. `detail` are the error's own details, `field` what to change. */
const TEXT_OF: Readonly<Record<Refusal, (detail: Record<string, unknown>, field: string) => string>> = {
  template_unknown: () => '模板不存在，请先创建模板（template）',
  content_missing: ({ channel }) => `模板中没有渠道 ${String(channel)} 的内容`,
  param_missing: ({ param }) => `模板占位符 ${String(param)} 缺少参数值，请在 params 中补充`,
  channel_closed: ({ channel }) =>
    channel
      ? `渠道 ${String(channel)} 未对该应用开放，请联系管理员`
      : '没有可以自动选择的渠道对该应用开放，请联系管理员',
  channel_off: ({ channel }) =>
    channel
      ? `渠道 ${String(channel)} 已关闭或尚未配置，请联系管理员`
      : '对该应用开放的渠道均已关闭、尚未配置，或模板中没有其内容，请联系管理员',
  smart_closed: () => '智能模式未对该应用开放，请联系管理员',
  tag_unknown: () => '标签不存在，请先注册标签（tag）',
  org_unit_unknown: () => '组织机构不存在',
  recipient_unknown: () => '用户（uid）不存在，请先注册消息渠道',
  no_address: () => '用户（uid）在该渠道上没有地址，请先注册消息渠道',
  audience_empty: () => '没有接收人',
  all_opted_out: () => '接收人均已退订该应用的消息',
  broadcast_closed: () => '全员发送未对该应用开放',
  address_invalid: () => '参数 address 格式不正确',
  text_invalid: ({ overlong, atMost }, field) =>
    overlong
      ? `参数 ${field} ${OVERLONG[overlong as OverlongParams]} ${String(atMost)}，请缩短后重试`
      : `参数 ${field} 含有无效字符（控制字符或不完整的字符），请修改后重试`,
  sensitive_word: () => '内容含有敏感词，请修改后重试',
  sms_signature: () => '短信内容不能含有【】，签名由平台统一添加',
  callback_refused: () => '参数 status_callback 不是可以访问的公网 http(s) 地址',
  time_refused: () => '时间参数不正确',
  reminder_refused: () => '催办需要站内信以外的发送渠道',
  todo_duplicate: () => '接收人已有一条相同的未完成待办',
  idempotency_conflict: () => '参数 client_ref 已在 24 小时内用于另一条不同的消息',
  sms_quota_exceeded: ({ segments }) =>
    `短信额度不足：本条消息需要 ${String(segments)} 条，未发送，请联系管理员增加额度`,
};

const OVERLONG: Readonly<Record<OverlongParams, string>> = {
  names: '的个数超过',
  nameLength: '的名称字符数超过',
  length: '的字符数超过',
};

const BODY_TEXT: Readonly<Record<BodyError['reason'], string>> = {
  too_large: '请求体（body）过大，请缩短内容，或减少数量后分批提交',
  not_utf8: '请求体（body）不是 UTF-8 编码的文本，请用 UTF-8 编码且不要压缩',
  not_json: '请求体（body）不是有效的 JSON',
  not_object: '请求体（body）不是 JSON 对象',
  too_deep: '请求体（body）的 JSON 嵌套过深',
  forbidden_key: '请求体（body）的 JSON 含有不允许的名称 __proto__',
};

const textOf = (error: IntakeError): string =>
  TEXT_OF[error.code](error.details, FIELD_OF[error.field ?? ''] ?? error.field ?? '');

/** Any error → the door's answer. What nobody foresaw says nothing but the request's id. */
export function toMsgFailure(error: unknown, requestId: string): MsgFailure {
  if (error instanceof MsgError) return { status: 200, body: { code: error.code, message: error.message } };
  if (error instanceof IntakeError) {
    return { status: 200, body: { code: CODE_OF[error.code], message: textOf(error) } };
  }
  if (error instanceof BodyError) {
    return { status: 200, body: { code: MSG_CODE.parameter, message: BODY_TEXT[error.reason] } };
  }
  if (error instanceof OverloadedError || (error instanceof AppError && error.kind === 'transient')) {
    return { status: 503, body: { code: MSG_CODE.internal, message: '系统繁忙，请稍后重试', requestId } };
  }
  return {
    status: 200,
    body: { code: MSG_CODE.internal, message: `系统内部错误，请提供 requestId ${requestId} 给管理员`, requestId },
  };
}
