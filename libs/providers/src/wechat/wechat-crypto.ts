import { createDecipheriv, createHash } from 'node:crypto';
import { safeEqual } from '#platform';

const BLOCK_BYTES = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

/** What WeChat signs: the SHA-1 of all parts, sorted and joined. */
export const wechatSignature = (...parts: string[]): string =>
  createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex');

export const isWechatSignature = (signature: string, ...parts: string[]): boolean =>
  safeEqual(signature.toLowerCase(), wechatSignature(...parts));

/**
 * Opens an encrypted event: AES-256-CBC of `random (16) | length (4, big endian) | XML | AppID`, padded to 32 bytes. Null where the
 * key does not open it or it was meant for another account.
 */
export function openWechatEvent(encodingAesKey: string, appId: string, encrypted: string): string | null {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const sealed = Buffer.from(encrypted, 'base64');
  if (key.length !== 32 || sealed.length === 0 || sealed.length % BLOCK_BYTES !== 0) return null;
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(sealed), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > BLOCK_BYTES) return null;
  const opened = padded.subarray(0, padded.length - padding);
  if (opened.length < RANDOM_BYTES + LENGTH_BYTES) return null;
  const from = RANDOM_BYTES + LENGTH_BYTES;
  const to = from + opened.readUInt32BE(RANDOM_BYTES);
  if (to > opened.length || !safeEqual(opened.subarray(to), Buffer.from(appId))) return null;
  return opened.toString('utf8', from, to);
}
