import { DEVICE_TOKEN } from '#contracts';
import type { OutboundDelivery } from '../port/channel-provider.port.js';
import { pushMessageOf, type PushMessage } from '../push/push-message.js';

/** What a device gets: see docs/devices.md. */
export interface DevicePayload extends PushMessage {
  /** To be repeated in the acknowledgement, and the key by which a device tells a repetition. */
  ref: string;
  /** ISO time at which it was handed to the broker. */
  sentAt: string;
}

/** Null where the address is no token: a slash or a wildcard would lead to somebody else's topic. */
export const topicOf = (token: string): string | null => (DEVICE_TOKEN.test(token) ? `device/${token}/msg` : null);

/** The devices to hear of, and the two things they say. */
export const ACK_TOPIC = 'device/+/ack';
export const HELLO_TOPIC = 'device/+/hello';

const WORD = /^device\/([A-Za-z0-9._:-]{1,512})\/(ack|hello)$/;

/** Who speaks, and of what; null for any other topic. */
export function wordOf(topic: string): { token: string; word: 'ack' | 'hello' } | null {
  const [, token, word] = WORD.exec(topic) ?? [];
  return token === undefined ? null : { token, word: word as 'ack' | 'hello' };
}

/** The `ref` of an acknowledgement, or null where it is none. What it says beside is nobody's business. */
export function refOf(payload: Buffer): string | null {
  if (payload.length > MAX_ACK_BYTES) return null;
  try {
    const said = JSON.parse(payload.toString('utf8')) as { ref?: unknown } | null;
    return typeof said?.ref === 'string' ? said.ref : null;
  } catch {
    return null;
  }
}

const MAX_ACK_BYTES = 4_096;

/** Null where there is nothing to show and nothing to hand over. */
export function payloadOf({ ref, content }: OutboundDelivery, sentAt: Date): string | null {
  const message = pushMessageOf(content);
  const { title, body, custom } = message;
  if (title === undefined && body === undefined && custom === undefined) return null;
  return JSON.stringify({ ref, ...message, sentAt: sentAt.toISOString() } satisfies DevicePayload);
}
