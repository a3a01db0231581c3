/**
 * The variable return path: bounces of a delivery go to `bounce+<reference>@example.com`, so that whatever a mail server
 * writes into one, it names its delivery. Servers on the way may change the case of a local part, which base64url does not
 * survive; its bits are therefore written in base32, 42 characters for the 35 of a reference.
 */
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const REF = /^[A-Za-z0-9_-]{1,35}$/;
const LONGEST_CODE = 42;

/** A local part has at most 64 characters (RFC 5321 §4.5.3.1.1), of which `+` and a reference need 43. */
export const LONGEST_BOUNCE_NAME = 64 - 1 - LONGEST_CODE;

/** Envelope sender of one delivery; the plain address for a reference that does not fit into it. */
export function bounceAddressOf(ref: string, bounceAddress: string): string {
  if (!REF.test(ref)) return bounceAddress;
  const at = bounceAddress.lastIndexOf('@');
  const code = regroup(ref, BASE64URL, BASE32, true);
  return `${bounceAddress.slice(0, at)}+${code}${bounceAddress.slice(at)}`;
}

/** Reference in the first return path of ours that the text holds, in whatever case, with whatever a forwarder put in front. */
export function findBounceRef(text: string, bounceAddress: string): string | undefined {
  const [name, domain] = bounceAddress.toLowerCase().split('@').map(escaped);
  const pattern = new RegExp(`${name}\\+([a-z2-7]{2,${LONGEST_CODE}})@${domain}(?![\\w.-]*\\w)`);
  const code = pattern.exec(text.toLowerCase())?.[1];
  return code === undefined ? undefined : regroup(code, BASE32, BASE64URL, false);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** The same bits in another alphabet. The last character is filled up with zeros where the rest is kept. */
function regroup(text: string, from: string, to: string, isRestKept: boolean): string {
  const bitsIn = Math.log2(from.length);
  const bitsOut = Math.log2(to.length);
  let held = 0;
  let bits = 0;
  let out = '';
  for (const character of text) {
    held = (held << bitsIn) | from.indexOf(character);
    bits += bitsIn;
    while (bits >= bitsOut) {
      bits -= bitsOut;
      out += to[held >> bits];
      held &= (1 << bits) - 1;
    }
  }
  return isRestKept && bits > 0 ? out + to[held << (bitsOut - bits)] : out;
}
