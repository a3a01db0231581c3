import { readRetryAfter } from '../outcome/retry-after.js';
import { vendorCode } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

const CLASSES: ReadonlyMap<string, Outcome['class']> = new Map([
  ['Unregistered', 'bad_recipient'],
  ['ExpiredToken', 'bad_recipient'],
  ['BadDeviceToken', 'bad_recipient'],
  ['DeviceTokenNotForTopic', 'bad_recipient'],
  ['MissingDeviceToken', 'bad_recipient'],
  ['ExpiredProviderToken', 'auth_refresh'],
  ['TooManyRequests', 'rate_limited'], // to this device
  ['TooManyProviderTokenUpdates', 'rate_limited'],
  ['InternalServerError', 'retry'],
  ['ServiceUnavailable', 'retry'],
  ['Shutdown', 'retry'],
  ['IdleTimeout', 'retry'],
  ['InvalidProviderToken', 'bad_config'],
  ['MissingProviderToken', 'bad_config'],
  ['BadCertificate', 'bad_config'],
  ['BadCertificateEnvironment', 'bad_config'],
  ['Forbidden', 'bad_config'],
  ['BadTopic', 'bad_config'],
  ['MissingTopic', 'bad_config'],
  ['TopicDisallowed', 'bad_config'],
  ['BadPath', 'bad_config'],
  ['MethodNotAllowed', 'bad_config'],
  ['PayloadTooLarge', 'bad_content'],
  ['PayloadEmpty', 'bad_content'],
  ['BadCollapseId', 'bad_content'],
  ['BadExpirationDate', 'bad_content'],
  ['BadMessageId', 'bad_content'],
  ['BadPriority', 'bad_content'],
  ['DuplicateHeaders', 'bad_content'],
  ['InvalidPushType', 'bad_content'],
]);

/** Until it takes another token on the connection. */
const TOKEN_UPDATES_PAUSE_MS = 20 * 60_000;
const DEVICE_PAUSE_MS = 60_000;

/** Outcome of an answer: success has no body, a refusal its reason in JSON. A reason that nobody knows yet has sent nothing. */
export function outcomeOfApnsAnswer(
  { status, headers, json }: { status: number; headers: Record<string, string>; json: Record<string, unknown> },
  nowMs: number,
): Outcome {
  if (status === 200) {
    const apnsId = headers['apns-id'];
    // Whoever it was that answered, Apple names what it took.
    if (apnsId === undefined) return { class: 'unknown_outcome', code: 'broken_answer' };
    return { class: 'ok', words: `apns-id ${vendorCode(apnsId)}` };
  }
  const reason = typeof json.reason === 'string' && json.reason !== '' ? json.reason : `http_${status}`;
  const code = vendorCode(reason);
  const outcomeClass = CLASSES.get(reason) ?? classOfStatus(status);
  const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs);
  if (reason === 'TooManyProviderTokenUpdates')
    return { class: 'rate_limited', code, retryAfterMs: TOKEN_UPDATES_PAUSE_MS, isAccountWide: true };
  if (outcomeClass === 'rate_limited')
    return { class: outcomeClass, code, retryAfterMs: retryAfterMs ?? DEVICE_PAUSE_MS };
  if (outcomeClass === 'retry')
    return { class: outcomeClass, code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  // Since when the app is gone: a device that has registered again since then has it again.
  const since = status === 410 && typeof json.timestamp === 'number' ? new Date(json.timestamp) : undefined;
  const isTime = since !== undefined && !Number.isNaN(since.getTime());
  return { class: outcomeClass, code, ...(isTime && { deadSince: since }) };
}

const classOfStatus = (status: number): Outcome['class'] => {
  if (status === 410) return 'bad_recipient';
  if (status === 429) return 'rate_limited';
  return [403, 404, 405].includes(status) ? 'bad_config' : 'retry';
};
