import type { Publication } from './publishes.js';

/** PUBLISH at QoS 1, neither retained nor a repetition (§3.3). */
const FIRST_OCTET = 0x32;
const MESSAGE_EXPIRY_INTERVAL = 0x02;
const EXPIRY_OCTETS = 5;

/**
 * A message as it stands on the connection. The general codec makes every packet out of a dozen small writes; of all packets this
 * is the one that is made by the hundred thousand.
 * @param version 4 is 3.1.1, which knows no expiry
 */
export function encodePublish(id: number, { topic, payload, expiresInS }: Publication, version: 4 | 5): Buffer {
  const topicLength = Buffer.byteLength(topic);
  const payloadLength = Buffer.byteLength(payload);
  const hasExpiry = version === 5 && expiresInS !== undefined;
  const propertiesLength = version === 5 ? 1 + (hasExpiry ? EXPIRY_OCTETS : 0) : 0;
  const remaining = 2 + topicLength + 2 + propertiesLength + payloadLength;
  const bytes = Buffer.allocUnsafe(1 + octetsOfLength(remaining) + remaining);
  let at = bytes.writeUInt8(FIRST_OCTET, 0);
  at = writeLength(bytes, remaining, at);
  at = bytes.writeUInt16BE(topicLength, at);
  at += bytes.write(topic, at);
  at = bytes.writeUInt16BE(id, at);
  if (version === 5) at = bytes.writeUInt8(propertiesLength - 1, at);
  if (hasExpiry) {
    at = bytes.writeUInt8(MESSAGE_EXPIRY_INTERVAL, at);
    at = bytes.writeUInt32BE(Math.min(expiresInS, 0xffff_ffff), at);
  }
  bytes.write(payload, at);
  return bytes;
}

/** Seven bits an octet, the least first (§1.5.5). */
function writeLength(bytes: Buffer, length: number, at: number): number {
  let rest = length;
  while (rest > 0x7f) {
    at = bytes.writeUInt8((rest & 0x7f) | 0x80, at);
    rest >>>= 7;
  }
  return bytes.writeUInt8(rest, at);
}

const octetsOfLength = (length: number): number =>
  length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : 4;
