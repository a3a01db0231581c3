import { MAX_PAYLOAD_BYTES } from '#messaging';

/** What an item weighs beside its texts: digests, quotes, commas. */
const ITEM_BYTES = 256;
const ENVELOPE_BYTES = 1024;

/**
 * Parts that fit into a message of the broker each, in order.
 * @param bytesOf of the texts of an item; as JSON they take at most twice as many: quotes and backslashes are escaped
 */
export function splitBySize<T>(items: readonly T[], bytesOf: (item: T) => number): T[][] {
  const parts: T[][] = [];
  let part: T[] = [];
  let left = 0;
  for (const item of items) {
    const bytes = 2 * bytesOf(item) + ITEM_BYTES;
    if (part.length === 0 || bytes > left) {
      part = [];
      parts.push(part);
      left = MAX_PAYLOAD_BYTES - ENVELOPE_BYTES;
    }
    part.push(item);
    left -= bytes;
  }
  return parts;
}
