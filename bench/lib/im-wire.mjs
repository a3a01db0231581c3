// As much of WKProto, version 2, as a client needs that reads no payloads: the login, what a RECV says in clear, its answer.
import { randomBytes } from 'node:crypto';

export const CONNACK = 2;
export const RECV = 5;
export const typeOf = (packet) => packet[0] >> 4;

/** Any 32 bytes are a public key: what comes is not deciphered. */
export function connectPacket(uid) {
  const texts = ['bench-device', uid, ''].map(text);
  const clock = Buffer.alloc(8);
  clock.writeBigInt64BE(BigInt(Date.now()));
  return packet(1, Buffer.concat([Buffer.of(2, 0), ...texts, clock, text(randomBytes(32).toString('base64'))]));
}

/** A message as it would come, its payload in clear. */
export function recvPacket(channelId, clientMsgNo, payload) {
  const numbers = Buffer.alloc(16);
  const parts = [Buffer.of(0), text('0'.repeat(32)), text('u1'), text(channelId), Buffer.of(2), text(clientMsgNo)];
  return packet(RECV, Buffer.concat([...parts, numbers, Buffer.from(payload)]));
}

export const connackPacket = () => packet(CONNACK, Buffer.concat([Buffer.alloc(8), Buffer.of(1), text(''), text('')]));

/** `clientMsgNo`, and the 12 bytes of id and number that the answer repeats. */
export function readRecv(data) {
  let at = 1;
  while (data[at++] & 0x80);
  at += 1; // setting
  for (let skipped = 0; skipped < 3; skipped++) at += 2 + data.readUInt16BE(at); // signature, sender, channel
  at += 1; // kind of channel
  const length = data.readUInt16BE(at);
  const end = at + 2 + length;
  return { clientMsgNo: data.toString('latin1', at + 2, end), id: data.subarray(end, end + 12) };
}

export const recvackPacket = (id) => packet(6, id);

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
};

function packet(type, body) {
  const head = [type << 4];
  for (let left = body.length; ; left >>= 7) {
    if (left < 128) {
      head.push(left);
      return Buffer.concat([Buffer.from(head), body]);
    }
    head.push((left & 0x7f) | 0x80);
  }
}
