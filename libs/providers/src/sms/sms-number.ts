const MAINLAND_MOBILE = /^1[3-9]\d{9}$/;
const E164 = /^\+[1-9]\d{6,14}$/;

/** One mobile number, in the forms that vendors want. */
export interface SmsNumber {
  /** With `+` and country code. */
  e164: string;
  /** Of mainland China: Hong Kong, Macao and Taiwan are foreign to SMS vendors, with templates of their own. */
  isMainland: boolean;
  /** The 11 digits of a mainland number; of others the digits of country code and number. */
  digits: string;
}

/** Reads an address of the channel: 11 digits of mainland China, or E.164. Null: a vendor cannot be given this. */
export function readSmsNumber(address: string): SmsNumber | null {
  const national = address.replace(/^\+86/, '');
  if (MAINLAND_MOBILE.test(national)) return { e164: `+86${national}`, isMainland: true, digits: national };
  return E164.test(address) ? { e164: address, isMainland: false, digits: address.slice(1) } : null;
}

/**
 * A number as a vendor names it (with or without `+` or `00`), in the form in which addresses are kept. Null: no number.
 * @param countryCode where the vendor gives it apart from the number
 */
export function keptNumber(given: string, countryCode = ''): string | null {
  const digits = given.trim().replace(/^(?:\+|00)/, '');
  if (!/^\d{5,15}$/.test(digits)) return null;
  const whole = countryCode + digits;
  // Eleven digits without a country code are a mainland number to vendors, whatever else they could be.
  const national = whole.replace(/^86(?=1[3-9]\d{9}$)/, '');
  if (MAINLAND_MOBILE.test(national) && (countryCode === '' || countryCode === '86')) return national;
  return `+${whole}`;
}
