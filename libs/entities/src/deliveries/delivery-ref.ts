/**
 * The per-delivery reference: what travels towards a recipient instead of the message's id. 122 random bits make it a
 * capability; the time and the seq in front of them are where to look, so that no index on random values is needed.
 *
 * Layout, 26 bytes as base64url (35 characters): 6 bytes time of the message id, 4 bytes seq, 16 bytes `delivery.ref`.
 */
const BYTES = 26;
const SHAPE = /^[A-Za-z0-9_-]{35}$/;
/** Of `delivery.seq`, an integer. */
const MAX_SEQ = 0x7fff_ffff;
/** No message id holds a later time, nor could one begin after it. */
const MAX_TIME_MS = 0xffff_ffff_fffe;

export interface DeliveryRefParts {
  /** Epoch ms of the message id. */
  timeMs: number;
  seq: number;
  /** `delivery.ref`, a UUID. */
  secret: string;
}

/** @param messageId UUIDv7 @param secret `delivery.ref` as a UUID */
export function encodeDeliveryRef(messageId: string, seq: number, secret: string): string {
  const bytes = Buffer.alloc(BYTES);
  bytes.write(messageId.slice(0, 8) + messageId.slice(9, 13), 0, 'hex');
  bytes.writeUInt32BE(seq, 6);
  bytes.write(secret.replaceAll('-', ''), 10, 'hex');
  return bytes.toString('base64url');
}

/** Null when the text is no such reference. */
export function decodeDeliveryRef(text: string): DeliveryRefParts | null {
  if (!SHAPE.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== BYTES || bytes.toString('base64url') !== text) return null;
  const [timeMs, seq] = [bytes.readUIntBE(0, 6), bytes.readUInt32BE(6)];
  // Bytes that are random or forged must not become a question that the database refuses.
  if (timeMs > MAX_TIME_MS || seq > MAX_SEQ) return null;
  const hex = bytes.toString('hex', 10);
  const secret = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return { timeMs, seq, secret };
}
