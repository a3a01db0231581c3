import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn in one go: a draw per id costs more than the id. */
const POOL_BYTES = 8192;
const BYTES_PER_ID = 10;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

const HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

function format(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
    text += HEX[bytes[i] ?? 0];
  }
  return text;
}

function withTime(epochMs: number): Uint8Array {
  const bytes = new Uint8Array(16);
  let rest = Math.floor(epochMs);
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** UUIDv7: 48 bits of time, 74 random bits, no counter. @param epochMs by the database's clock. */
export function newMessageId(epochMs: number): string {
  if (used + BYTES_PER_ID > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = withTime(epochMs);
  bytes.set(pool.subarray(used, used + BYTES_PER_ID), 6);
  used += BYTES_PER_ID;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return format(bytes);
}

/** Smallest id of its millisecond: the bound of a partition or a time window. */
export const firstIdAt = (epochMs: number): string => format(withTime(epochMs));

/** Epoch ms at which the id was made. */
export const timeOfMessageId = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isMessageId = (text: string): boolean => UUID.test(text);
