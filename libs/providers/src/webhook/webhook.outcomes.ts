import {
  BlockedAddressError,
  OutgoingConnectError,
  OutgoingError,
  OutgoingTimeoutError,
  OutgoingAnswerError,
  type OutgoingResponse,
} from '#platform';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

/** Longest wait a receiver may ask for; deliveries of this channel expire before it anyway. */
const MAX_RETRY_AFTER_MS = 24 * 3600 * 1000;

const WORDS_BYTES = 2048;

/** The endpoint stands and says that this message is wrong. Every other 4xx says that the endpoint does not take messages. */
const ABOUT_THE_CONTENT: ReadonlySet<number> = new Set([400, 413, 415, 422]);
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Outcome of an answer. Redirects are not followed: an address that redirects is a wrong address. */
export function outcomeOfStatus(
  { status, headers, body }: OutgoingResponse,
  nowMs: number,
  secrets: readonly string[],
): Outcome {
  const code = `http_${status}`;
  if (status >= 200 && status < 300) return { class: 'ok', code, proves: 'delivered' };
  const words = vendorWords(body.subarray(0, WORDS_BYTES).toString('utf8'), secrets);
  if (status >= 500 || PASSING.has(status)) {
    const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs);
    if (retryAfterMs === undefined) return { class: 'retry', code, words };
    return { class: status === 429 || status === 503 ? 'rate_limited' : 'retry', code, words, retryAfterMs };
  }
  return { class: ABOUT_THE_CONTENT.has(status) ? 'bad_content' : 'bad_recipient', code, words };
}

/** `Retry-After` in ms from now: seconds or an HTTP date, at most a day; undefined where absent or unreadable. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  const text = value?.trim() ?? '';
  // Digits alone are seconds; Date.parse would take them for a year.
  const ms = /^\d{1,10}$/.test(text)
    ? Number(text) * 1000
    : /^[A-Z][a-z]{2}/.test(text)
      ? Date.parse(text) - nowMs
      : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** Outcome of a request without a usable answer. Errors that are none of the outgoing client's are bugs and rethrown. */
export function outcomeOfFailure(error: unknown, isAborted: boolean, nowMs: number): Outcome {
  if (!(error instanceof OutgoingError)) throw error;
  if (error instanceof BlockedAddressError)
    return { class: 'bad_recipient', code: 'blocked_address', words: error.reason };
  if (error instanceof OutgoingAnswerError && error.status !== undefined && error.status >= 300) {
    // The refusal had arrived before the connection broke.
    return outcomeOfStatus({ status: error.status, headers: {}, body: Buffer.alloc(0) }, nowMs, []);
  }
  return {
    class: error.requestWritten ? 'unknown_outcome' : 'retry',
    code: failureCode(error, isAborted),
    words: vendorWords(error.message),
  };
}

function failureCode(error: OutgoingError, isAborted: boolean): string {
  if (isAborted) return 'aborted';
  if (error instanceof OutgoingTimeoutError) return 'timeout';
  if (error instanceof OutgoingConnectError) {
    const cause = error.cause as { code?: unknown } | undefined;
    return cause?.code === 'ECONNREFUSED' ? 'connection_refused' : 'connection_failed';
  }
  return 'broken_answer';
}
