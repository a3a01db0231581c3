import { cutBytes } from '../outbound/cut-bytes.js';
import type { Outcome } from '../port/channel-provider.port.js';
import type { PushMessage } from './push-message.js';

export type Fitted = { message: PushMessage; body: string } | { outcome: Outcome };

/**
 * The message written as `write` does, within so many bytes of UTF-8: the shown text of a notification gives way; what is for the
 * program is never cut, so a message that is too big for its sake is refused.
 */
export function fitMessage(message: PushMessage, maxBytes: number, write: (message: PushMessage) => string): Fitted {
  if (message.title === undefined && message.body === undefined && message.custom === undefined)
    return { outcome: { class: 'bad_content', code: 'no_content', words: 'there is nothing to show or to hand over' } };
  const whole = write(message);
  if (Buffer.byteLength(whole) <= maxBytes) return { message, body: whole };
  const cut = message.kind === 'notification' && message.body ? cutToFit(message, maxBytes, write) : null;
  if (cut) return cut;
  const words = `longer than the ${maxBytes} bytes that the vendor takes, even with a shortened text`;
  return { outcome: { class: 'bad_content', code: 'too_long', words } };
}

/** With as much of the text as fits: how many bytes a character takes in what is written, only writing it tells. */
function cutToFit(message: PushMessage, maxBytes: number, write: (message: PushMessage) => string): Fitted | null {
  const text = message.body ?? '';
  let fitting: { message: PushMessage; body: string } | null = null;
  for (let [low, high] = [1, Math.min(Buffer.byteLength(text), maxBytes)]; low <= high;) {
    const middle = (low + high) >> 1;
    const cut = { ...message, body: cutBytes(text, middle) };
    const body = write(cut);
    if (Buffer.byteLength(body) <= maxBytes) {
      fitting = { message: cut, body };
      low = middle + 1;
    } else high = middle - 1;
  }
  return fitting;
}
