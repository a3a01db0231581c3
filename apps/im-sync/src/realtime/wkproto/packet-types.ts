import type { HeaderFlags } from '../protocol/client-protocol.port.js';

export const PACKET = {
  connect: 1,
  connack: 2,
  send: 3,
  sendack: 4,
  recv: 5,
  recvack: 6,
  ping: 7,
  pong: 8,
  disconnect: 9,
  sub: 10,
  suback: 11,
} as const;

/** Bits of `setting`. */
export const SETTING = { topic: 1 << 3, noEncrypt: 1 << 4, streamUntil4: 1 << 2, stream: 1 << 1 } as const;

/** The newest version we speak; older clients are answered in theirs. */
export const NEWEST_VERSION = 5;

/** A packet cut out of what arrived. */
export interface RawPacket {
  type: number;
  flags: number;
  body: Buffer;
}

export const flagsOf = (header: HeaderFlags): number =>
  (header.dup ? 8 : 0) | (header.syncOnce ? 4 : 0) | (header.redDot ? 2 : 0) | (header.noPersist ? 1 : 0);

export const headerOf = (flags: number): HeaderFlags => ({
  noPersist: (flags & 1) !== 0,
  redDot: (flags & 2) !== 0,
  syncOnce: (flags & 4) !== 0,
  dup: (flags & 8) !== 0,
});
