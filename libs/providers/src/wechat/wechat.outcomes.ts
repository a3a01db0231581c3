import { msToNextChinaDay } from '../outcome/china-time.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

type Refusal = Pick<Outcome, 'class'> & { waitMs?: number | 'until tomorrow'; isAccountWide?: true };

const MINUTE_MS = 60_000;

const BAD_CONFIG: Refusal = { class: 'bad_config' };
const BAD_CONTENT: Refusal = { class: 'bad_content' };
const BAD_RECIPIENT: Refusal = { class: 'bad_recipient' };

/** The token of the call is not the one that stands: another may be. */
const TOKEN_CODES: ReadonlySet<number> = new Set([40001, 40014, 42001]);

/** Errcodes of sending and of asking for templates. */
const SEND_CODES: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  [-1, { class: 'retry' }],
  [40001, { class: 'auth_refresh' }],
  [40014, { class: 'auth_refresh' }],
  [42001, { class: 'auth_refresh' }],
  [45009, { class: 'rate_limited', waitMs: 'until tomorrow', isAccountWide: true }],
  [45011, { class: 'rate_limited', waitMs: MINUTE_MS, isAccountWide: true }],
  // How often one person may be written to is not published.
  [43117, { class: 'rate_limited', waitMs: 5 * MINUTE_MS }],
  [40241, { class: 'rate_limited', waitMs: MINUTE_MS }],
  [40003, BAD_RECIPIENT],
  [43004, BAD_RECIPIENT],
  [43019, BAD_RECIPIENT],
  [43101, BAD_RECIPIENT],
  [50005, BAD_RECIPIENT],
  [40013, BAD_CONFIG],
  [40125, BAD_CONFIG],
  [40164, BAD_CONFIG],
  // An access token that does not arrive was taken away by whatever stands in between.
  [41001, BAD_CONFIG],
  [48001, BAD_CONFIG],
  [48004, BAD_CONFIG],
  [61004, BAD_CONFIG],
  // About the template that a message names, its data or the person's standing: one message must not stop the account.
  [40036, BAD_CONTENT],
  [40037, BAD_CONTENT],
  [40249, BAD_CONTENT],
  [43116, BAD_CONTENT],
  [45002, BAD_CONTENT],
  [47001, BAD_CONTENT],
  [47003, BAD_CONTENT],
  [50002, BAD_CONTENT],
]);

/** Errcodes of asking for a token, where they mean something else than above. */
const TOKEN_FETCH_CODES: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  [40001, BAD_CONFIG],
  [40002, BAD_CONFIG],
  [40014, BAD_CONFIG],
  [41002, BAD_CONFIG],
  [41004, BAD_CONFIG],
  [42001, BAD_CONFIG],
  [43002, BAD_CONFIG],
  [50004, BAD_CONFIG],
  [50007, BAD_CONFIG],
  // The daily number of forced renewals; ordinary calls may go on.
  [45009, { class: 'rate_limited', waitMs: 10 * MINUTE_MS, isAccountWide: true }],
]);

export const isTokenErrcode = (errcode: number): boolean => TOKEN_CODES.has(errcode);

/**
 * What an errcode other than 0 means for the delivery. One that is not known means that WeChat took nothing, so it may be tried
 * again.
 */
export function outcomeOfErrcode(
  errcode: number,
  errmsg: unknown,
  secrets: readonly string[],
  nowMs: number,
  call: 'send' | 'token' = 'send',
): Outcome {
  const own = call === 'token' ? TOKEN_FETCH_CODES.get(errcode) : undefined;
  const refusal: Refusal = own ?? SEND_CODES.get(errcode) ?? { class: 'retry' };
  const words = typeof errmsg === 'string' ? vendorWords(errmsg, secrets) : '';
  const retryAfterMs = refusal.waitMs === 'until tomorrow' ? msToNextChinaDay(nowMs) : refusal.waitMs;
  return {
    class: refusal.class,
    code: String(errcode),
    ...(words === '' ? {} : { words }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(refusal.isAccountWide ? { isAccountWide: true } : {}),
  };
}
