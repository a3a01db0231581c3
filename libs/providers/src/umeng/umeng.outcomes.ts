import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

const CLASSES: ReadonlyMap<string, Outcome['class']> = new Map([
  ['2000', 'bad_config'], // app disabled
  ['2004', 'bad_config'], // our IP
  ['2054', 'bad_config'], // our IP
  ['2007', 'bad_config'], // key or secret
  ['2021', 'bad_config'], // no such app
  ['2027', 'bad_config'], // signature
  ['2028', 'bad_config'], // clock
  ['2032', 'bad_config'], // no production certificate
  ['2033', 'bad_config'], // no development certificate
  ['2034', 'bad_config'], // certificate expired
  ['2036', 'bad_config'], // clock
  ['2050', 'rate_limited'],
  ['2023', 'retry'],
  ['6002', 'retry'],
  ['6003', 'retry'],
  ['6004', 'retry'],
  ['1015', 'bad_recipient'],
  ['2009', 'bad_recipient'],
  ['2022', 'bad_content'], // too long
]);

/** What is wrong with a field of the request. */
const ABOUT_A_FIELD = /^10[0-2]\d$/;

/** Umeng names no limit's end; its windows are of a minute and an hour. */
const PAUSE_MS = 60_000;

/**
 * Outcome of an answer in JSON. Umeng never says that a token is dead, so none is let go; a code that nobody knows yet has sent nothing
 * and is tried again.
 */
export function outcomeOfUmengAnswer(json: Record<string, unknown>, secrets: readonly string[]): Outcome {
  const data = isRecord(json.data) ? json.data : {};
  if (json.ret === 'SUCCESS') {
    const id = [data.msg_id, data.task_id].find((value) => typeof value === 'string');
    // By which Umeng's console finds it.
    return { class: 'ok', ...(id === undefined ? {} : { words: vendorWords(`msg_id ${id}`) }) };
  }
  if (json.ret !== 'FAIL') return { class: 'unknown_outcome', code: 'broken_answer' };
  const code = vendorCode(String(data.error_code ?? 'unknown'));
  const words = vendorWords(typeof data.error_msg === 'string' ? data.error_msg : '', secrets);
  const outcomeClass = CLASSES.get(code) ?? (ABOUT_A_FIELD.test(code) ? 'bad_content' : 'retry');
  if (outcomeClass === 'rate_limited')
    return { class: outcomeClass, code, words, retryAfterMs: PAUSE_MS, isAccountWide: true };
  if (outcomeClass === 'bad_recipient') return { class: outcomeClass, code, words, isAddressKept: true };
  return { class: outcomeClass, code, words };
}

/** Codes that refuse a whole call for the sake of some token. */
export const blamesOne = ({ class: outcomeClass }: Outcome): boolean => outcomeClass === 'bad_recipient';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
