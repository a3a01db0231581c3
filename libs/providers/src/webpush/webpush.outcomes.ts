import { BlockedAddressError, OutgoingAnswerError, OutgoingError, type OutgoingResponse } from '#platform';
import { failureCode } from '../outcome/failure-code.js';
import { readRetryAfter } from '../outcome/retry-after.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

const WORDS_BYTES = 2048;

/** 201 it is kept or delivered, 202 the same with a receipt to come (RFC 8030). */
const TAKEN: ReadonlySet<number> = new Set([201, 202]);
/** The subscription is over. */
const GONE: ReadonlySet<number> = new Set([404, 410]);
/** One of the push services says 406 where the others say 429. */
const TOO_MUCH: ReadonlySet<number> = new Set([406, 429]);
const ABOUT_THE_CONTENT: ReadonlySet<number> = new Set([400, 413]);

/** Our keys are not those with which the page subscribed. */
export const isForeignKey = ({ code }: Outcome): boolean => code === 'http_401' || code === 'http_403';

/** Outcome of a push service's answer. */
export function outcomeOfPushService({ status, headers, body }: OutgoingResponse, nowMs: number): Outcome {
  const code = `http_${status}`;
  if (TAKEN.has(status)) return { class: 'ok', code };
  const words = vendorWords(body.subarray(0, WORDS_BYTES).toString('utf8'));
  const common = { code, words };
  // Some other server: no push service answers so.
  if (status < 300) return { class: 'unknown_outcome', code: 'broken_answer', words };
  if (GONE.has(status)) return { class: 'bad_recipient', ...common };
  const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  // Said by one push service of many, so it must not hold back the account: not the code that does.
  if (TOO_MUCH.has(status)) return { class: 'rate_limited', code: `push_service_${status}`, words, ...wait };
  if (status === 503 && retryAfterMs !== undefined) return { class: 'rate_limited', ...common, ...wait };
  if (status >= 500 || status === 408 || status === 425) return { class: 'retry', ...common, ...wait };
  if (status === 401 || status === 403) return { class: 'bad_config', ...common };
  if (ABOUT_THE_CONTENT.has(status)) return { class: 'bad_content', ...common };
  return { class: 'bad_recipient', ...common, isAddressKept: true };
}

/** Outcome of a request without a usable answer. Errors that are none of the outgoing client's are bugs and rethrown. */
export function outcomeOfNoAnswer(error: unknown, isAborted: boolean): Outcome {
  if (!(error instanceof OutgoingError)) throw error;
  // The page named an address that we do not call; the operator may open it.
  if (error instanceof BlockedAddressError)
    return { class: 'bad_recipient', code: 'blocked_address', words: error.reason, isAddressKept: true };
  const code = failureCode(error, isAborted);
  const words = vendorWords(error.message);
  if (error instanceof OutgoingAnswerError && (error.status ?? 0) >= 500) return { class: 'retry', code, words };
  return { class: error.requestWritten ? 'unknown_outcome' : 'retry', code, words };
}
