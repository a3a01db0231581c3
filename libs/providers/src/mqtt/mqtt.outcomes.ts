import { jitterMs } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';

type Meaning = readonly [kind: Outcome['class'], words: string];

/** Never comes as an answer to a message, only as the end of the connection: so it is found out before. */
export const PACKET_TOO_LARGE = 0x95;

/** Reason codes of MQTT 5 (§2.4) that answer a message. The broker has answered, so nothing was taken. */
const REFUSALS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [0x83, ['retry', 'implementation specific error']],
  [0x87, ['bad_config', 'not authorized: the account may not publish to device/+/msg']],
  [0x90, ['bad_recipient', 'topic name invalid']],
  [0x91, ['retry', 'packet identifier in use']],
  [PACKET_TOO_LARGE, ['bad_content', 'packet too large']],
  [0x97, ['rate_limited', 'quota exceeded']],
  [0x99, ['bad_content', 'payload format invalid']],
]);

/** Nobody listens: the device was never there with a session that lasts, or not for so long that it was dropped. */
const NO_SUBSCRIBER = 0x10;
const NO_SUBSCRIBER_PAUSE_MS = 60_000;
const QUOTA_PAUSE_MS = 10_000;
const PAUSE_SPREAD = 0.2;

/**
 * Outcome of a message that the broker answered. `sent` would be a lie where nobody listens, since the broker has thrown it
 * away: it is tried again for as long as it lives, and waits a minute at least. Brokers of version 3.1.1 never say so.
 */
export function outcomeOfReason(reason: number): Outcome {
  if (reason === NO_SUBSCRIBER) {
    return {
      class: 'retry',
      code: codeOf(reason),
      words: 'no matching subscribers: the device is not connected and has no session',
      retryAfterMs: jitterMs(NO_SUBSCRIBER_PAUSE_MS, PAUSE_SPREAD),
    };
  }
  if (reason < 0x80) return { class: 'ok' };
  const [kind, words] = REFUSALS.get(reason) ?? ['retry', 'unspecified error'];
  const outcome: Outcome = { class: kind, code: codeOf(reason), words };
  return kind === 'rate_limited' ? { ...outcome, retryAfterMs: jitterMs(QUOTA_PAUSE_MS, PAUSE_SPREAD) } : outcome;
}

/** Why a broker lets nobody in: return codes of 3.1.1, and reason codes of 5. */
const CONNECT_REFUSALS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [1, ['bad_config', 'unacceptable protocol version']],
  [2, ['bad_config', 'client identifier rejected']],
  [3, ['retry', 'server unavailable']],
  [4, ['bad_config', 'bad user name or password']],
  [5, ['bad_config', 'not authorized']],
  [0x84, ['bad_config', 'unsupported protocol version']],
  [0x85, ['bad_config', 'client identifier not valid']],
  [0x86, ['bad_config', 'bad user name or password']],
  [0x87, ['bad_config', 'not authorized']],
  [0x88, ['retry', 'server unavailable']],
  [0x89, ['retry', 'server busy']],
  [0x8a, ['bad_config', 'banned']],
  [0x8c, ['bad_config', 'bad authentication method']],
  [0x97, ['retry', 'quota exceeded']],
  [0x9f, ['retry', 'connection rate exceeded']],
]);

/** Outcome of all that waits for a connection which the broker refuses. Nothing was written with it. */
export function outcomeOfConnectRefusal(code: number): Outcome {
  const [kind, words] = CONNECT_REFUSALS.get(code) ?? ['retry', 'refused'];
  return { class: kind, code: codeOf(code), words: `connection refused: ${words}` };
}

/** Without the words of the devices, pushes would look unanswered for ever. */
export const SUBSCRIPTION_REFUSED: Outcome = {
  class: 'bad_config',
  code: 'subscription_refused',
  words: 'the account may not subscribe to device/+/ack and device/+/hello',
};

const codeOf = (reason: number): string => `0x${reason.toString(16).padStart(2, '0').toUpperCase()}`;
