import type { Channel } from '#contracts';
import type { FailedDelivery } from '#entities';
import { ownWordsOf } from './provider-failure.js';

const CHANNEL_NAMES: Readonly<Record<Channel, string>> = {
  portal: '站内信',
  sms: '短信',
  mail: '邮件',
  wechat: '微信',
  wecom: '企业微信',
  dingtalk: '钉钉',
  push: '推送',
  webhook: 'Webhook',
};

const ADDRESS_WRONG: Readonly<Partial<Record<Channel, string>>> = {
  sms: '手机号码格式有误',
  mail: '邮箱地址格式有误',
};

/** By error code, where it is one of ours; vendors name theirs as they like. */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    opted_out_of_app: '已退订',
    opted_out_of_channel: '已退订该渠道',
    no_address: '未登记该渠道的地址',
    no_content: '没有可以在该渠道上显示的内容',
    not_configured: '渠道尚未配置',
    channel_off: '渠道已关闭',
    sms_quota_exhausted: '短信额度不足',
    bad_recipient: '地址无法送达',
    bad_content: '内容被服务商拒绝',
    bad_config: '渠道配置有误',
    no_proof: '未在规定时间内确认送达',
    retry: '多次重试后仍未成功',
    rate_limited: '服务商限制了发送频率',
    no_template: '内容与服务商审核通过的模版都不一致',
  }),
);

/** By status, where it says all there is to say. */
const ENDINGS: Readonly<Partial<Record<FailedDelivery['status'], string>>> = {
  unknown: '结果未知',
  expired: '已过期',
  cancelled: '已取消',
  skipped: '待办已办理',
};

/** Why somebody was not reached, the reason of each channel once, as people read it. */
export function causeOf(deliveries: readonly FailedDelivery[]): string {
  const causes = deliveries.map(({ channel, ...failure }) =>
    failure.code === 'unknown_recipient' ? '人员不存在' : failed(channel, reasonOf(channel, failure)),
  );
  return [...new Set(causes)].join('；');
}

/** Of somebody whose message ended before it got to him. */
export const causeOfEnding = (status: 'cancelled' | 'expired'): string => `消息${ENDINGS[status] ?? ''}`;

const failed = (channel: Channel, reason: string): string => `${CHANNEL_NAMES[channel]}发送失败！${reason}！`;

function reasonOf(channel: Channel, { status, code, words }: Omit<FailedDelivery, 'channel'>): string {
  const own = ownReason(channel, code ?? '');
  const reason =
    ENDINGS[status] ?? own ?? REASONS.get(code ?? '') ?? `服务商返回错误${code === null ? '' : ` ${code}`}`;
  return own !== undefined || words === null || words === '' ? reason : `${reason}（${words}）`;
}

/** Nothing that a provider said. Of an SMS that fits no template, the words tell which one is nearest. */
function ownReason(channel: Channel, code: string): string | undefined {
  if (code === 'address_invalid' || code === 'bad_address') return ADDRESS_WRONG[channel] ?? '地址格式有误';
  return code === 'no_template' && channel !== 'wechat' ? undefined : ownWordsOf(code);
}
