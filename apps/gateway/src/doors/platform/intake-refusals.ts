import type { IntakeError, Refusal } from '../../intake/intake-error.js';
import { rspMsgOf, type PlatformCode } from './platform.codes.js';

type Details = Record<string, unknown>;
type Words = (details: Details) => string;

const channelOf = ({ channel }: Details): string => (typeof channel === 'string' ? `（${channel}）` : '');
const usersOf = ({ users }: Details): string =>
  Array.isArray(users) ? `：${users.slice(0, 10).join('、')}${users.length > 10 ? ' 等' : ''}` : '';

/** What the intake refuses, in the codes and words of this door. Without words of its own: those of the code. */
const REFUSALS: Readonly<Record<Refusal, readonly [PlatformCode, Words?]>> = {
  template_unknown: ['templateUnknown'],
  content_missing: ['contentRefused', (details) => `消息没有可以在渠道${channelOf(details)}上显示的内容`],
  param_missing: ['keywordMissing', ({ param }) => `缺少对应的keyword的参数：${String(param)}`],
  channel_closed: ['channelClosed', (details) => `未开通发送渠道${channelOf(details)}的权限，请联系管理员`],
  channel_off: ['channelOff', (details) => `渠道${channelOf(details)}已关闭或尚未配置`],
  smart_closed: ['channelClosed', () => '未开通智能模式（IntelligenceMode）的权限，请联系管理员'],
  tag_unknown: ['parameter'],
  org_unit_unknown: ['parameter'],
  recipient_unknown: ['parameter', () => '参数 receivers 中的人员不存在'],
  no_address: ['parameter', () => '参数 receivers 中的人员没有可用的地址'],
  audience_empty: ['parameter', () => '参数 receivers 不能为空'],
  all_opted_out: ['nobodySubscribed'],
  broadcast_closed: ['parameter'],
  address_invalid: ['parameter', () => '参数 receivers 中的手机号码格式有误'],
  text_invalid: ['parameter', () => '参数中含有无效字符（NUL 或不完整的字符）'],
  sensitive_word: ['sensitiveWord'],
  sms_signature: ['contentRefused', () => '短信内容禁止使用【】符号，如需签名请改为〖〗符号'],
  callback_refused: ['parameter'],
  reminder_refused: ['parameter'],
  time_refused: ['parameter', () => '参数 sendTime 最多只能设定在 180 天以内'],
  idempotency_conflict: ['parameter'],
  todo_duplicate: ['todoDuplicate', (details) => `重复发送待办/任务消息${usersOf(details)}`],
  sms_quota_exceeded: [
    'smsQuota',
    ({ segments }) => `发送短信额度不足：本次需要 ${String(segments)} 条，未发送，请联系管理员增加额度`,
  ],
};

export function intakeRefusal({ code, details }: IntakeError): [PlatformCode, string] {
  const [platformCode, words] = REFUSALS[code];
  return [platformCode, words?.(details) ?? rspMsgOf(platformCode)];
}
