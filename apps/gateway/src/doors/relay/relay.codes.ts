import type { RelayVerdict } from '#contracts';
import type { RelayCaller } from '#entities';

/** The codes of the door by name: what the caller sees, and when. */
export const RELAY_CODES = {
  parameter: [
    '003',
    '客户端参数错误',
    'a parameter or the body is missing or malformed; the token, receiver or key is unknown; the sender may not write there',
  ],
  internal: ['500', '服务端错误', 'a failure of ours; or nobody was there to do it within 2 s'],
  blocked: [
    '501',
    '黑名单用户',
    'the receiver has the sender on the black list; or more than 300 have a user on theirs',
  ],
  mailboxFull: ['502', '消息数超限', 'the mailbox of the receiver holds 300 messages'],
  tooFrequent: ['503', '发送消息过于频繁', 'the 101st accepted message of a sender within 5 minutes'],
} as const satisfies Record<string, readonly [code: string, error: string, when: string]>;

export type RelayCode = keyof typeof RELAY_CODES;

export class RelayError extends Error {
  constructor(readonly code: RelayCode) {
    super(RELAY_CODES[code][1]);
  }
}

/** Without a token, or with one that was never issued. */
export class RelayTokenError extends RelayError {
  constructor(readonly refusal: 'missing' | 'unknown') {
    super('parameter');
  }
}

/** The call is in order: the token, the receiver or the key is unknown, or the sender may not write there. */
export class RelayNotAllowedError extends RelayError {
  constructor(readonly caller: RelayCaller) {
    super('parameter');
  }
}

export const REFUSALS: Readonly<Record<Exclude<RelayVerdict, 'accepted' | 'refused'>, RelayCode>> = {
  blocked: 'blocked',
  mailbox_full: 'mailboxFull',
  too_frequent: 'tooFrequent',
};
