import { TLV, type ShortMessage } from '../wire/pdu.js';

/** Where a part belongs. */
export interface PartPlace {
  reference: number;
  total: number;
  /** From 1. */
  number: number;
}

/** What a received message carries: its own octets, and its place where it is one of several. */
export interface UplinkPart {
  octets: Buffer;
  place: PartPlace | null;
}

const HEADER_INDICATOR = 0x40;
/** Nothing longer is a part of something. */
const MAX_PART_LENGTH = 254;
/** Information elements "concatenated short messages" with a reference of 8 and of 16 bits (3GPP 23.040 §9.2.3.24). */
const CONCATENATED_8 = 0x00;
const CONCATENATED_16 = 0x08;

/** Reads the user data header or the sar parameters away. A header that makes no sense counts as none. */
export function readPart({ esmClass, octets, tlvs }: ShortMessage): UplinkPart {
  const whole = octets.length > 0 ? octets : (tlvs.get(TLV.messagePayload) ?? octets);
  const headerLength = 1 + (whole[0] ?? 0);
  if ((esmClass & HEADER_INDICATOR) !== 0 && headerLength <= whole.length && whole.length <= MAX_PART_LENGTH) {
    return { octets: whole.subarray(headerLength), place: placeInHeader(whole.subarray(1, headerLength)) };
  }
  return { octets: whole, place: whole.length > MAX_PART_LENGTH ? null : placeInTlvs(tlvs) };
}

function placeInHeader(header: Buffer): PartPlace | null {
  for (let at = 0; at + 2 <= header.length;) {
    const kind = header.readUInt8(at);
    const end = at + 2 + header.readUInt8(at + 1);
    if (end > header.length) return null;
    const data = header.subarray(at + 2, end);
    if (kind === CONCATENATED_8 && data.length === 3) return place(data.readUInt8(0), data[1], data[2]);
    if (kind === CONCATENATED_16 && data.length === 4) return place(data.readUInt16BE(0), data[2], data[3]);
    at = end;
  }
  return null;
}

function placeInTlvs(tlvs: ShortMessage['tlvs']): PartPlace | null {
  const reference = tlvs.get(TLV.sarReference);
  if (reference?.length !== 2) return null;
  return place(reference.readUInt16BE(0), tlvs.get(TLV.sarTotal)?.[0], tlvs.get(TLV.sarNumber)?.[0]);
}

const place = (reference: number, total = 0, number = 0): PartPlace | null =>
  total > 1 && number >= 1 && number <= total ? { reference, total, number } : null;
