import type { Shortcoming } from './compiled-check.js';

const TYPES: Readonly<Record<string, string>> = {
  string: '字符串',
  number: '数字',
  integer: '整数',
  boolean: '布尔值',
  object: 'JSON 对象',
  array: '数组',
  null: 'null',
};

/** What the doors that speak Chinese say of a field: that it is missing or malformed, and what is expected instead. */
export const missingOrMalformed = (shortcoming: Shortcoming): string =>
  `缺失或格式不正确（${expectationOf(shortcoming)}）`;

function expectationOf({ keyword, params }: Shortcoming): string {
  const limit = Number(params['limit']);
  switch (keyword) {
    case 'required':
      return '必填';
    case 'enum':
      return `可选值：${distinct(params['allowedValues']).join('、')}`;
    case 'type':
      return `应为 ${distinct(params['type'])
        .map((type) => TYPES[type] ?? type)
        .join(' 或 ')}`;
    case 'minLength':
      return limit === 1 ? '不能为空' : `至少 ${limit} 个字符`;
    case 'maxLength':
      return `最多 ${limit} 个字符`;
    case 'minItems':
      return limit === 1 ? '不能为空' : `至少 ${limit} 项`;
    case 'maxItems':
      return `最多 ${limit} 项`;
    case 'minimum':
      return `不能小于 ${limit}`;
    case 'maximum':
      return `不能大于 ${limit}`;
    default:
      return '请查阅接口文档';
  }
}

/**
 * One word for what a field takes in several forms: `"true"` and `true`. The empty text stands for "left out" and is no advice.
 * @param words a list, or one word or several with commas between
 */
const distinct = (words: unknown): string[] => [
  ...new Set((Array.isArray(words) ? words : String(words).split(',')).map(String).filter((word) => word !== '')),
];
