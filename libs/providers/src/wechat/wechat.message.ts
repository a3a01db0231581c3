import type { OutboundDelivery } from '../port/channel-provider.port.js';
import { fieldProblems, fitField, warningOf } from './wechat.fields.js';
import type { MappedContent, WechatDefaultTemplate, WechatSettings } from './wechat.settings.js';

/** Body of `message/template/send`, and what WeChat will not show of it. */
export interface WechatMessage {
  body: Record<string, unknown>;
  warning: string | undefined;
}

/** The message of one delivery; null where neither it nor the account names a template. */
export function wechatMessage(
  delivery: OutboundDelivery,
  { defaultTemplate, miniProgram }: Pick<WechatSettings, 'defaultTemplate' | 'miniProgram'>,
  now: Date,
): WechatMessage | null {
  const { ref, address, content } = delivery;
  const isOwn = content.templateId !== undefined;
  if (!isOwn && !defaultTemplate) return null;
  const wanted = isOwn || !defaultTemplate ? (content.params ?? {}) : mappedData(delivery, defaultTemplate, now);
  // The caller's own values go as they are given: WeChat decides; those that we map are made to fit.
  const data = Object.entries(wanted).map(([field, value]) => [
    field,
    { value: isOwn ? value : fitField(field, value) },
  ]);
  return {
    body: {
      touser: address,
      template_id: content.templateId ?? defaultTemplate?.templateId,
      ...(content.url === undefined ? {} : { url: content.url }),
      ...(miniProgram ? { miniprogram: { appid: miniProgram.appId, pagepath: miniProgram.pagePath } } : {}),
      // The same openid and id are sent once within 10 minutes: a retry in that time cannot reach the person twice.
      client_msg_id: ref,
      data: Object.fromEntries(data) as Record<string, unknown>,
    },
    warning: warningOf(fieldProblems(wanted)),
  };
}

const NOTHING = '-';

function mappedData(
  { content, source, name }: OutboundDelivery,
  { map, fixed }: WechatDefaultTemplate,
  now: Date,
): Record<string, string> {
  const { title, text, summary, url } = content;
  // WeChat refuses empty values, so each part has others to stand in for it.
  const parts: Record<MappedContent, string | undefined> = {
    title: title || summary || text,
    text: text || summary || title,
    summary: summary || text || title,
    url,
    source,
    name,
    time: chinaTime(now),
  };
  const mapped = Object.entries(map).map(([part, field]) => [field, parts[part as MappedContent] || NOTHING]);
  return { ...fixed, ...(Object.fromEntries(mapped) as Record<string, string>) };
}

const FORMAT = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `2019年10月1日 15:01`, as fields of kind `time` and `date` want it. */
export const chinaTime = (at: Date): string => FORMAT.format(at);
