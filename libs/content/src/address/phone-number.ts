import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';

const HOME_COUNTRY = 'CN';
/** E.164 has 15 digits; the rest is room for separators. */
const MAX_TEXT_LENGTH = 32;

/**
 * A mobile number in the one form it is stored in, or null: numbers of China as their 11 national digits (what SMS
 * vendors at home take), all others as E.164 with `+`. Only ranges in service for mobiles count as valid.
 */
export function normalizeMobile(text: string): string | null {
  if (text.length > MAX_TEXT_LENGTH) return null;
  const phone = parsePhoneNumberFromString(text, { defaultCountry: HOME_COUNTRY, extract: false });
  if (!phone?.isValid() || phone.ext) return null;
  return phone.country === HOME_COUNTRY ? phone.nationalNumber : phone.number;
}
