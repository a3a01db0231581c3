import type { SentNow } from '../../../real-time/send-now.service.js';
import { PlatformError } from '../platform.error.js';
import { ownWordsOf, saidBy } from '../provider-failure.js';

export interface TemplateOutcome {
  status: '0' | '1';
  info: string;
}

/** The person does not follow the account. */
const NOT_FOLLOWING: ReadonlySet<string> = new Set(['43004', '50005']);

/** WeChat's errcodes and our own codes, where they are usual. */
const REASONS: Readonly<Record<string, string>> = {
  '40003': '用户的微信标识（openid）无效',
  '40013': '公众号的 AppID 有误，请联系管理员',
  '40037': '模版不存在或已被删除',
  '40125': '公众号的 AppSecret 有误，请联系管理员',
  '40164': '服务器 IP 不在公众号的白名单中，请联系管理员',
  '40241': '相同内容发送过于频繁',
  '43019': '用户已被公众号列入黑名单',
  '43101': '用户拒收该消息',
  '43117': '向该用户发送过于频繁',
  '45002': '消息内容过长',
  '45009': '公众号今日的发送次数已用完',
  '45011': '公众号发送过于频繁',
  '47001': '消息格式有误',
  '47003': '模版参数的值不符合微信的要求',
  '48001': '公众号没有发送模版消息的权限，请联系管理员',
  '48004': '公众号的接口已被封禁，请联系管理员',
  not_configured: '公众号已禁用或尚未配置',
  channel_off: '渠道已关闭',
  circuit_open: '微信接口暂时不可用',
  no_address: '系统不存在对应的公众平台人员标识',
  opted_out_of_app: '用户已退订该应用的消息',
  opted_out_of_channel: '用户已退订微信消息',
  unknown_recipient: '人员不存在',
};

const UNKNOWN: TemplateOutcome = { status: '1', info: '结果未知' };

/** What WeChat made of the message, in Chinese. @throws PlatformError 600024 */
export function templateOutcome(delivery: SentNow['delivery']): TemplateOutcome {
  if (!delivery || delivery.status === 'unknown') return UNKNOWN;
  const { status, errorCode, errorText } = delivery;
  if (status === 'sent' || status === 'delivered' || status === 'read') return { status: '0', info: '发送成功' };
  const code = errorCode ?? status;
  if (NOT_FOLLOWING.has(code)) throw new PlatformError('unfollowed');
  const own = ownWordsOf(code);
  if (own !== undefined) return { status: '1', info: `发送失败：${own}` };
  const reason = Object.hasOwn(REASONS, code) ? REASONS[code] : '微信未接受该消息';
  return { status: '1', info: `发送失败：${reason}（${saidBy(code, errorText)}）` };
}
