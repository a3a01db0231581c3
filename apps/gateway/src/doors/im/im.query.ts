import { hasBadUnicode } from '#content';
import { ImError } from './im.error.js';
import { checkedId } from './im.fields.js';

/** Of a parameter that came twice the parser makes a list: whichever was meant is not ours to guess. @throws ImError */
export function queryText(name: string, value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new ImError(`${name}重复！`);
  if (hasBadUnicode(value)) throw new ImError(`${name}含有非法字符！`);
  return checkedId(name, value);
}

/** What is no number is 0. @throws ImError */
export function queryNumber(name: string, value: unknown): number {
  const text = queryText(name, value);
  return /^\d{1,3}$/.test(text) && Number(text) <= 255 ? Number(text) : 0;
}
