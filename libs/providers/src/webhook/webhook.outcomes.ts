import { BlockedAddressError, OutgoingError, OutgoingAnswerError, type OutgoingResponse } from '#platform';
import { failureCode } from '../outcome/failure-code.js';
import { readRetryAfter } from '../outcome/retry-after.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

const WORDS_BYTES = 2048;

/** The endpoint stands and says that this message is wrong. Every other 4xx says that it takes no messages now. */
const ABOUT_THE_CONTENT: ReadonlySet<number> = new Set([400, 413, 415, 422]);
/** The one answer that says so for good; what else refuses may be mended by those who run the endpoint. */
const GONE = 410;
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
  if (ABOUT_THE_CONTENT.has(status)) return { class: 'bad_content', code, words };
  return { class: 'bad_recipient', code, words, ...(status === GONE ? {} : { isAddressKept: true }) };
}

/** Outcome of a request without a usable answer. Errors that are none of the outgoing client's are bugs and rethrown. */
export function outcomeOfFailure(error: unknown, isAborted: boolean, nowMs: number): Outcome {
  if (!(error instanceof OutgoingError)) throw error;
  if (error instanceof BlockedAddressError)
    return { class: 'bad_recipient', code: 'blocked_address', words: error.reason, isAddressKept: true };
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
