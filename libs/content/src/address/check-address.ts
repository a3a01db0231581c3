import { DEVICE_SEPARATOR, type Channel } from '#contracts';
import { httpUrlProblem } from './http-url.js';
import { normalizeMailAddress } from './mail-address.js';
import { normalizeMobile } from './phone-number.js';
import { userIdProblem } from './user-id.js';

/** `normalized` is what is stored and compared; `problem` is a sentence for the caller and never repeats the address. */
export type AddressCheck = { ok: true; normalized: string } | { ok: false; problem: string };

const ok = (normalized: string): AddressCheck => ({ ok: true, normalized });
const bad = (problem: string): AddressCheck => ({ ok: false, problem });

const MAX_ID_LENGTH = 256;
/** FCM sets no limit of its own; tokens seen are below 200, other vendors' below 400. */
const MAX_DEVICE_TOKEN_LENGTH = 512;

function checkSms(address: string): AddressCheck {
  const normalized = normalizeMobile(address);
  return normalized === null ? bad('not a valid mobile number') : ok(normalized);
}

function checkMail(address: string): AddressCheck {
  const normalized = normalizeMailAddress(address);
  return normalized === null ? bad('not one plain mail address of the form name@host') : ok(normalized);
}

function checkWebhook(address: string): AddressCheck {
  const problem = httpUrlProblem(address);
  return problem === null ? ok(address) : bad(problem);
}

function checkPortal(address: string): AddressCheck {
  const problem = userIdProblem(address);
  return problem === null ? ok(address) : bad(problem);
}

/** A vendor's id of a person. `separators`: characters by which that vendor reads several receivers out of one string. */
const idCheck =
  (maxLength: number, separators = '') =>
  (address: string): AddressCheck => {
    if (address === '') return bad('the address is empty');
    if (address.length > maxLength) return bad(`the address is longer than ${maxLength} characters`);
    if (/[\s\p{C}]/u.test(address)) return bad('the address holds spaces or control characters');
    if ([...separators].some((c) => address.includes(c)))
      return bad(`the address must be one id, without ${separators}`);
    // WeCom sends to the whole company for this word.
    if (address.toLowerCase() === '@all') return bad('the address must name one person');
    return ok(address);
  };

const CHECKS: Readonly<Record<Channel, (address: string) => AddressCheck>> = {
  portal: checkPortal,
  sms: checkSms,
  mail: checkMail,
  webhook: checkWebhook,
  wechat: idCheck(MAX_ID_LENGTH),
  wecom: idCheck(MAX_ID_LENGTH, '|'),
  dingtalk: idCheck(MAX_ID_LENGTH, ','),
  push: idCheck(MAX_DEVICE_TOKEN_LENGTH, DEVICE_SEPARATOR),
};

/** Judges one address of one channel by its form; whether it reaches anybody only the provider knows. Linear in its length. */
export const checkAddress = (channel: Channel, address: string): AddressCheck => CHECKS[channel](address);

/** The form in which an address that a provider names is kept; what is no address by our rules stays as it is. */
export function keptForm(channel: Channel, address: string): string {
  const check = checkAddress(channel, address);
  return check.ok ? check.normalized : address;
}
