import { OutgoingAnswerError, OutgoingError, type OutgoingClient, type OutgoingRequest } from '#platform';
import { failureCode } from '../outcome/failure-code.js';
import { isGatewayAnswer } from '../outcome/gateway-answer.js';
import { readRetryAfter } from '../outcome/retry-after.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { parseExactJson } from './exact-json.js';

const WORDS_BYTES = 2048;
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/**
 * An object the vendor answered, with its HTTP status; or the outcome of a call that brought none. Integers that a double cannot
 * hold are text in it.
 */
export type VendorAnswer =
  { status: number; headers: Record<string, string>; json: Record<string, unknown> } | { outcome: Outcome };

export interface VendorCall extends Pick<OutgoingRequest, 'method' | 'headers' | 'body' | 'signal'> {
  /** Path and query, from `/`. */
  path: string;
  /** Asking for something (a token, a status) may be repeated: no answer is then `retry`, never `unknown_outcome`. */
  isRead?: boolean;
  /** The vendor wants calls repeated after any 5xx, whoever answers it: then 408 and 5xx are `retry` for calls that send, too. */
  repeatsOn5xx?: true;
  /** Blanked in words like the account's own: the access token that the call carries. */
  secrets?: readonly string[];
  /** The API says in JSON why it refuses with 429 and 5xx, too: the adapter reads those as well. */
  hasWordsForAll?: true;
  /** Success has no body: it counts as an empty object. */
  isSilentOnSuccess?: true;
}

/** What an answer that is no word of the vendor, or none at all, means for a call. */
interface CallTraits {
  isRead: boolean;
  /** 408, 502, 504 and errors that break off leave open whether the call was carried out. */
  isOpenOn5xx: boolean;
  secrets: readonly string[];
}

/** Calls to a vendor's JSON API: every way in which HTTP can fail becomes an outcome; what the JSON says is the adapter's. */
export class VendorApi {
  /** @param secrets blanked in whatever words are kept */
  constructor(
    private readonly http: OutgoingClient,
    private readonly baseUrl: string,
    private readonly timeoutMs: number,
    private readonly secrets: readonly string[],
  ) {}

  async call(call: VendorCall): Promise<VendorAnswer> {
    const { path, isRead = false, repeatsOn5xx = false, secrets = [], ...others } = call;
    const { hasWordsForAll = false, isSilentOnSuccess = false, ...request } = others;
    const traits = { isRead, isOpenOn5xx: !isRead && !repeatsOn5xx, secrets: [...this.secrets, ...secrets] };
    if (request.signal?.aborted) return { outcome: { class: 'retry', code: 'aborted' } };
    try {
      const answer = await this.http.request({
        ...request,
        url: this.baseUrl.replace(/(?<!\/)\/+$/, '') + path,
        timeoutMs: this.timeoutMs,
        maxResponseBytes: MAX_RESPONSE_BYTES,
      });
      const { status, headers, body } = answer;
      const json = isSilentOnSuccess && status === 200 && body.length === 0 ? {} : jsonObject(body);
      const isWord = hasWordsForAll || (status < 500 && status !== 429 && status !== 408);
      if (json && isWord && !isRedirect(status)) return { status, headers, json };
      return { outcome: outcomeOf(answer, traits) };
    } catch (error) {
      return { outcome: outcomeOfFailure(error, request.signal?.aborted ?? false, traits) };
    }
  }
}

/** An answer that is no word of the API: an error page, an overloaded front, half an object. */
function outcomeOf(
  { status, headers, body }: { status: number; headers: Record<string, string>; body: Buffer },
  { isRead, isOpenOn5xx, secrets }: CallTraits,
): Outcome {
  const words = vendorWords(body.subarray(0, WORDS_BYTES).toString('utf8'), secrets);
  const retryAfterMs = readRetryAfter(headers['retry-after'], Date.now());
  const code = `http_${status}`;
  const common = { code, words, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  if (status === 429) return { class: 'rate_limited', ...common };
  if (status === 503 && retryAfterMs !== undefined) return { class: 'rate_limited', ...common };
  if (isOpenOn5xx && isGatewayAnswer(status)) return { class: 'unknown_outcome', code, words };
  if (status >= 500 || status === 408) return { class: 'retry', ...common };
  // The vendor's address answers, but not as the vendor does: a wrong base URL, a proxy's login page.
  if (status >= 300) return { class: 'bad_config', ...common };
  return { class: isRead ? 'retry' : 'unknown_outcome', code: 'broken_answer', words };
}

function outcomeOfFailure(error: unknown, isAborted: boolean, { isRead, isOpenOn5xx, secrets }: CallTraits): Outcome {
  if (!(error instanceof OutgoingError)) throw error;
  const code = failureCode(error, isAborted);
  const words = vendorWords(error.message, secrets);
  if (error.kind === 'permanent' || error.kind === 'invalid') return { class: 'bad_config', code, words };
  const is5xx = error instanceof OutgoingAnswerError && (error.status ?? 0) >= 500;
  if (isRead || !error.requestWritten || (is5xx && !isOpenOn5xx)) return { class: 'retry', code, words };
  return { class: 'unknown_outcome', code, words };
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

function jsonObject(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = parseExactJson(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
