import type { OutboundDelivery, RenderedContent } from '../port/channel-provider.port.js';
import { readSmsNumber } from '../sms/sms-number.js';
import type { SmppSettings } from './smpp.settings.js';
import { messageParts } from './text/message-parts.js';
import type { ShortMessage, SmppAddress } from './wire/pdu.js';

const HEADER_INDICATOR = 0x40;
const FINAL_RECEIPT = 0x01;
const NO_TLVS: ReadonlyMap<number, Buffer> = new Map();

/** Why a delivery cannot be sent at all. */
export type MessageProblem = 'bad_address' | 'no_text' | 'too_long';

/**
 * The submits of one delivery, in the order in which to send them. Only the last asks for a receipt: it is sent when all others were
 * taken, and one answer is enough to follow the delivery by.
 */
export function submitsOf(delivery: OutboundDelivery, settings: SmppSettings): ShortMessage[] | MessageProblem {
  const destination = destinationOf(delivery.address, settings);
  if (destination === null) return 'bad_address';
  const text = textOf(delivery.content);
  if (text === '') return 'no_text';
  const message = messageParts(text, referenceOf(delivery.ref), settings.alphabet);
  if (message === null || message.parts.length > settings.maxParts) return 'too_long';
  const { dataCoding, hasHeader, parts } = message;
  const source = { ton: settings.sourceTon, npi: settings.sourceNpi, address: settings.sourceAddr };
  return parts.map((octets, index) => ({
    source,
    destination,
    esmClass: hasHeader ? HEADER_INDICATOR : 0,
    registeredDelivery: settings.requestReceipts && index === parts.length - 1 ? FINAL_RECEIPT : 0,
    dataCoding,
    octets,
    tlvs: NO_TLVS,
  }));
}

const textOf = ({ text, summary, title }: RenderedContent): string => text || summary || title || '';

function destinationOf(address: string, { destTon, destNpi, destFormat }: SmppSettings): SmppAddress | null {
  const number = readSmsNumber(address);
  if (number === null) return null;
  const digits = destFormat === 'national' ? number.digits : number.e164.slice(1);
  return { ton: destTon, npi: destNpi, address: digits };
}

/**
 * Reference by which the handset joins the parts. The same at every try, so that parts of a try that broke off and those of the next
 * make one message and not two halves. (FNV-1a, folded to the one octet there is.)
 */
function referenceOf(ref: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < ref.length; i++) hash = Math.imul(hash ^ ref.charCodeAt(i), 0x01000193);
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & 0xff;
}
