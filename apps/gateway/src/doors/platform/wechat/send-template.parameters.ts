import { hasBadUnicode } from '#content';
import { textOf } from '../json-text.js';
import { badParameter } from '../platform.error.js';
import { choice, json, link, text, type Read } from '../platform.parameters.js';

const MAX_URL = 2048;

/** In the order of the published interface; its `pcUrl` is out of use and not read. */
export const SEND_TEMPLATE = {
  userId: text({ about: '学工号', example: 'yezz', missing: 'userMissing' }),
  publicId: text({
    about: '公众平台的唯一ID',
    example: '4b6d4ab9-7aca-4265-8322-4a2d029e1086',
    missing: 'accountMissing',
  }),
  messageType: choice({ about: '1：通知，2：待办', example: '1', words: ['1', '2'] }),
  templateId: text({
    about: '模版ID',
    example: 'hLvE9RSVGrNHCBFHkbAgTjaaFLH8sS66Z7Wu8K3EyS4',
    missing: 'templateMissing',
  }),
  url: link({ about: '点击模版消息跳转的页面', example: 'https://www.vanytech.com', max: MAX_URL }),
  data: json({
    about: '模板各占位符的值',
    example: { keyword1: { value: 'OA办公系统' }, keyword2: { value: '办公用品申领' } },
    check: valuesByName,
  }),
};
export type SendTemplate = Read<typeof SEND_TEMPLATE>;

/** `{keyword1: {value: …}}`; a name without a value is left to whoever knows which names the template needs. */
function valuesByName(name: string, data: unknown): ReadonlyMap<string, string> {
  if (!isRecord(data)) throw badParameter(name, '必须是 JSON 对象，例如 {"keyword1":{"value":"OA办公系统"}}');
  const values = new Map<string, string>();
  for (const [keyword, entry] of Object.entries(data)) {
    const value = isRecord(entry) ? entry['value'] : undefined;
    if (value === undefined || value === null) continue;
    const given = textOf(value);
    if (given === undefined) throw badParameter(`${name}.${keyword}.value`, '必须是字符串');
    if (hasBadUnicode(given)) throw badParameter(`${name}.${keyword}.value`, '含有无效字符（NUL 或不完整的字符）');
    values.set(keyword, given);
  }
  return values;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
