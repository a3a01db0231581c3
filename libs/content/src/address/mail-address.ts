import { domainToASCII } from 'node:url';

const MAX_ADDRESS_LENGTH = 254;
const MAX_LOCAL_LENGTH = 64;
const DOT_ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const ASCII = /^[\x21-\x7e]+$/;

/**
 * Exactly one addr-spec in the dot-atom form, or null: no display name, list, comment, quoted local part or address
 * literal, because mail libraries read more than one receiver out of such strings. International domains become ASCII.
 */
export function normalizeMailAddress(text: string): string | null {
  if (text.length > MAX_ADDRESS_LENGTH) return null;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  if (local.length === 0 || local.length > MAX_LOCAL_LENGTH || !DOT_ATOM.test(local)) return null;
  const domain = asciiDomain(text.slice(at + 1));
  const address = `${local}@${domain}`;
  return domain !== null && address.length <= MAX_ADDRESS_LENGTH ? address : null;
}

function asciiDomain(domain: string): string | null {
  if (/[\s\p{C}]/u.test(domain)) return null;
  const ascii = ASCII.test(domain) ? domain.toLowerCase() : domainToASCII(domain);
  const labels = ascii.split('.');
  const isName = labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? '');
  return isName && ascii.length <= 253 ? ascii : null;
}
