import { isGatewayAnswer } from '../outcome/gateway-answer.js';
import { readRetryAfter } from '../outcome/retry-after.js';
import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

const CLASSES: ReadonlyMap<string, Outcome['class']> = new Map([
  ['1000', 'retry'],
  ['1030', 'retry'],
  ['2002', 'rate_limited'],
  ['1004', 'bad_config'], // key or secret
  ['1008', 'bad_config'], // no such app
  ['2003', 'bad_config'], // our IP
  ['2004', 'bad_config'],
  ['2007', 'bad_config'],
  ['1003', 'bad_recipient'], // a value is wrong; the tokens are the only ones that come from outside
  ['1011', 'bad_recipient'], // none of the tokens is a device
  ['1002', 'bad_content'],
  ['1005', 'bad_content'], // too long
  ['1009', 'bad_content'],
]);

const RATE_PAUSE_MS = 60_000;

/** Codes that refuse a whole call for the sake of some token it does not name. */
export const blamesOne = ({ code }: Outcome): boolean => code === '1003';

/**
 * Outcome of a refusal in JSON, or of JSON that is none of JPush's. A code that nobody knows yet has sent nothing and is tried again.
 */
export function outcomeOfJpushError(
  { status, headers, json }: { status: number; headers: Record<string, string>; json: Record<string, unknown> },
  isRead: boolean,
  secrets: readonly string[],
): Outcome {
  const error = isRecord(json.error) ? json.error : {};
  const words = vendorWords(typeof error.message === 'string' ? error.message : JSON.stringify(json), secrets);
  if (error.code === undefined) {
    if (isGatewayAnswer(status)) return { class: isRead ? 'retry' : 'unknown_outcome', code: `http_${status}`, words };
    if (status >= 500) return { class: 'retry', code: `http_${status}`, words };
    if (status === 429) return { class: 'rate_limited', code: 'http_429', words };
    if (status >= 300) return { class: 'bad_config', code: `http_${status}`, words };
    return { class: isRead ? 'retry' : 'unknown_outcome', code: 'broken_answer', words };
  }
  const code = vendorCode(String(error.code));
  const outcomeClass = CLASSES.get(code) ?? 'retry';
  if (outcomeClass === 'rate_limited') {
    const retryAfterMs = readRetryAfter(headers['x-rate-limit-reset'], Date.now()) ?? RATE_PAUSE_MS;
    return { class: outcomeClass, code, words, retryAfterMs, isAccountWide: true };
  }
  // 1003 may speak of a token that is merely mistyped, 1011 says that there is no such device.
  if (code === '1003') return { class: outcomeClass, code, words, isAddressKept: true };
  return { class: outcomeClass, code, words };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
