import { encodeGsm7, isGsm7Boundary } from './gsm7.js';

const GSM7 = 0x00;
const UCS2 = 0x08;
/** Information element "concatenated short messages, 8-bit reference" (3GPP 23.040 §9.2.3.24.1). */
const CONCATENATION = [0x05, 0x00, 0x03] as const;
const MAX_PARTS = 255;

/** A text as the messages that carry it. */
export interface MessageParts {
  dataCoding: number;
  /** Each part begins with a user data header. */
  hasHeader: boolean;
  /** In their order; at least one. */
  parts: Buffer[];
}

export type Alphabet = 'auto' | 'ucs2';

/**
 * One message of 160 septets or 70 UCS-2 characters, else parts of 153 or 67 that the handset joins by `reference`. No part
 * ends inside a character. Null where 255 parts are not enough.
 */
export function messageParts(text: string, reference: number, alphabet: Alphabet): MessageParts | null {
  const septets = alphabet === 'auto' ? encodeGsm7(text) : null;
  if (septets !== null)
    return cut(septets, { dataCoding: GSM7, single: 160, part: 153, isBoundary: isGsm7Boundary }, reference);
  const octets = Buffer.from(text, 'utf16le').swap16();
  return cut(octets, { dataCoding: UCS2, single: 140, part: 134, isBoundary: isUcs2Boundary }, reference);
}

interface Encoding {
  dataCoding: number;
  /** Most octets of a message that stands alone, and of a part. */
  single: number;
  part: number;
  isBoundary(octets: Buffer, at: number): boolean;
}

function cut(
  octets: Buffer,
  { dataCoding, single, part, isBoundary }: Encoding,
  reference: number,
): MessageParts | null {
  if (octets.length <= single) return { dataCoding, hasHeader: false, parts: [octets] };
  const pieces: Buffer[] = [];
  for (let from = 0; from < octets.length;) {
    let to = Math.min(from + part, octets.length);
    while (to < octets.length && !isBoundary(octets, to)) to--;
    pieces.push(octets.subarray(from, to));
    from = to;
  }
  if (pieces.length > MAX_PARTS) return null;
  const parts = pieces.map((piece, index) =>
    Buffer.concat([Buffer.from([...CONCATENATION, reference & 0xff, pieces.length, index + 1]), piece]),
  );
  return { dataCoding, hasHeader: true, parts };
}

/** Between whole code units, and not between the halves of a surrogate pair. */
const isUcs2Boundary = (octets: Buffer, at: number): boolean => at % 2 === 0 && ((octets[at] ?? 0) & 0xfc) !== 0xdc;
