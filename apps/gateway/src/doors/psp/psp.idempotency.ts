import { sha256 } from '#platform';
import { idempotencyKeyOf } from '../../intake/idempotency-key.js';
import { badField } from './psp.error.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The same key with the same push within 24 h answers the same task.
 * @param header value of `Idempotency-Key`
 * @param asked what the caller wants, as it was understood
 * @throws PspError `parameter` for a header that is no key
 */
export function idempotencyOf(header: unknown, asked: unknown): { key: string; bodyHash: string } | null {
  if (header === undefined) return null;
  if (typeof header !== 'string' || !KEY.test(header)) {
    throw badField('Idempotency-Key（请求头）', '必须是 1 到 255 个可见 ASCII 字符');
  }
  return { key: idempotencyKeyOf('psp', header), bodyHash: sha256(JSON.stringify(asked)).toString('hex') };
}
