import { readRetryAfter } from '../outcome/retry-after.js';
import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

const CLASSES: ReadonlyMap<string, Outcome['class']> = new Map([
  ['UNREGISTERED', 'bad_recipient'],
  ['SENDER_ID_MISMATCH', 'bad_config'], // the token is of another project
  ['THIRD_PARTY_AUTH_ERROR', 'bad_config'], // the project's own APNs or web push key
  ['PERMISSION_DENIED', 'bad_config'],
  ['UNAUTHENTICATED', 'auth_refresh'],
  ['QUOTA_EXCEEDED', 'rate_limited'],
  ['RESOURCE_EXHAUSTED', 'rate_limited'],
  ['UNAVAILABLE', 'retry'],
  ['INTERNAL', 'retry'],
  ['INVALID_ARGUMENT', 'bad_content'],
]);

/** FCM wants so much quiet where it names no time. */
const QUOTA_PAUSE_MS = 60_000;

export const SENDER_MISMATCH = 'SENDER_ID_MISMATCH';

/** Outcome of an answer in JSON. A refusal that nobody knows yet has sent nothing and is tried again. */
export function outcomeOfFcmAnswer(
  { status, headers, json }: { status: number; headers: Record<string, string>; json: Record<string, unknown> },
  nowMs: number,
  secrets: readonly string[],
): Outcome {
  const error = isRecord(json.error) ? json.error : undefined;
  if (status < 300 && !error) {
    if (typeof json.name !== 'string') return { class: 'unknown_outcome', code: 'broken_answer' };
    // By which the project's reports and Google's support find it.
    return { class: 'ok', words: vendorWords(json.name) };
  }
  const details = Array.isArray(error?.details) ? error.details.filter(isRecord) : [];
  const code = vendorCode(
    [details.find(({ errorCode }) => typeof errorCode === 'string')?.errorCode, error?.status].find(isText) ??
      `http_${status}`,
  );
  const message = isText(error?.message) ? error.message : '';
  const common = { code, words: vendorWords(message, secrets) };
  if (status === 401 && code !== 'THIRD_PARTY_AUTH_ERROR') return { class: 'auth_refresh', ...common };
  if (code === 'INVALID_ARGUMENT' && blamesToken(details, message)) return { class: 'bad_recipient', ...common };
  const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs);
  const outcomeClass = CLASSES.get(code) ?? classOfStatus(status);
  if (outcomeClass === 'rate_limited')
    return { class: outcomeClass, ...common, retryAfterMs: retryAfterMs ?? QUOTA_PAUSE_MS };
  if (outcomeClass === 'retry' && retryAfterMs !== undefined) return { class: 'retry', ...common, retryAfterMs };
  return { class: outcomeClass, ...common };
}

/** The project, or the right to send for it, is unknown; everything else may be better the next time. */
const classOfStatus = (status: number): Outcome['class'] =>
  status === 429 ? 'rate_limited' : status === 403 || status === 404 ? 'bad_config' : 'retry';

/**
 * Whether it is the token that is no token. Google names the field for some malformed tokens and says it only in words for the others.
 */
const blamesToken = (details: readonly Record<string, unknown>[], message: string): boolean =>
  details
    .flatMap(({ fieldViolations }) => (Array.isArray(fieldViolations) ? fieldViolations.filter(isRecord) : []))
    .some(({ field }) => field === 'message.token') || NO_TOKEN.test(message);

const NO_TOKEN = /registration token is not a valid FCM registration token/i;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
