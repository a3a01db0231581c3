import { decodeGsm7 } from './gsm7.js';

/** Character sets of `data_coding` (SMPP 3.4 §5.2.19) that `TextDecoder` knows by these names. */
const BY_DATA_CODING: ReadonlyMap<number, string> = new Map([
  [0x01, 'windows-1252'],
  [0x03, 'windows-1252'],
  [0x05, 'shift_jis'],
  [0x06, 'iso-8859-5'],
  [0x07, 'iso-8859-8'],
  [0x08, 'utf-16be'],
  [0x0e, 'euc-kr'],
]);

/** Text of a received message; null where its octets are no text. Never holds NUL or half a character. */
export function decodeText(dataCoding: number, octets: Uint8Array): string | null {
  const text = decoded(dataCoding, octets);
  return text === null ? null : text.replaceAll('\u0000', '');
}

function decoded(dataCoding: number, octets: Uint8Array): string | null {
  // Codings of GSM 03.38 with a message class: their alphabet stands in two bits, or in one.
  if (dataCoding >= 0xf0) return (dataCoding & 0x04) === 0 ? decodeGsm7(octets) : null;
  if (dataCoding >= 0x10 && dataCoding <= 0x3f) return decoded(GSM_ALPHABETS[(dataCoding >> 2) & 0x03] ?? 0x04, octets);
  if (dataCoding === 0x00) return decodeGsm7(octets);
  const charset = BY_DATA_CODING.get(dataCoding);
  return charset === undefined ? null : new TextDecoder(charset, { ignoreBOM: true }).decode(octets);
}

/** By the two bits: default alphabet, 8-bit data, UCS-2; the fourth is reserved. As `data_coding`. */
const GSM_ALPHABETS = [0x00, 0x04, 0x08];
