import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { ProviderReceipt } from '../port/channel-provider.port.js';
import { isDeadNumberCode } from '../sms/dead-number.js';
import type { SmppSettings } from './smpp.settings.js';
import { TLV, type ShortMessage } from './wire/pdu.js';

type ReceiptStatus = ProviderReceipt['status'];
type ReceiptSettings = Pick<SmppSettings, 'receiptIdFormat' | 'receiptUtcOffset'>;

/** Type of a received message, in bits 2 to 5 of esm_class. */
const MESSAGE_TYPE = 0x3c;
const RECEIPT = 0x04;
const INTERMEDIATE_NOTICE = 0x20;

/** message_state (SMPP 3.4 §5.2.28), with the word that stands in texts. Of an unknown end nothing is claimed. */
const STATES: readonly (readonly [state: number, word: string, status: ReceiptStatus])[] = [
  [1, 'ENROUTE', 'sent'],
  [2, 'DELIVRD', 'delivered'],
  [3, 'EXPIRED', 'failed'],
  [4, 'DELETED', 'failed'],
  [5, 'UNDELIV', 'failed'],
  [6, 'ACCEPTD', 'sent'],
  [7, 'UNKNOWN', 'sent'],
  [8, 'REJECTD', 'failed'],
];
const STATUS_BY_WORD: ReadonlyMap<string, ReceiptStatus> = new Map(STATES.map(([, word, status]) => [word, status]));
const WORD_BY_STATE: ReadonlyMap<number, string> = new Map(STATES.map(([state, word]) => [state, word]));
/** Codes of the networks of China, which some centres hand through in place of the word: all of them failures. */
const NETWORK_CODE = /^[A-Z]{2}:\d{4}$/;

/** Whether a message is the centre's word on an earlier one. The text alone proves nothing: a person can write the same. */
export const isReceipt = ({ esmClass, tlvs }: ShortMessage): boolean => {
  const type = esmClass & MESSAGE_TYPE;
  return type === RECEIPT || type === INTERMEDIATE_NOTICE || (type === 0 && tlvs.has(TLV.receiptedMessageId));
};

/** The receipt in a message, or null where it names no message. The text goes before the parameters: it is what centres fill in with care. */
export function readReceipt({ octets, tlvs }: ShortMessage, settings: ReceiptSettings): ProviderReceipt | null {
  const text = (octets.length > 0 ? octets : (tlvs.get(TLV.messagePayload) ?? octets)).toString('latin1');
  const id = fieldOf(text, 'id') ?? idOf(tlvs.get(TLV.receiptedMessageId));
  if (id === undefined) return null;
  const word = fieldOf(text, 'stat')?.toUpperCase() ?? WORD_BY_STATE.get(tlvs.get(TLV.messageState)?.[0] ?? 0);
  const error = fieldOf(text, 'err');
  const status = statusOf(word, tlvs.get(TLV.messageState));
  const at = timeOf(text, settings.receiptUtcOffset);
  const failure = status === 'failed' ? error?.replace(/^0+$/, '') : undefined;
  return {
    providerRef: receiptRef(id, settings),
    status,
    ...(word !== undefined && { code: vendorCode(failure ? `${word}_${failure}` : word) }),
    // The rest of the text repeats what was sent, which is nobody's business here.
    ...(word !== undefined && { words: vendorWords(`stat:${word}${error === undefined ? '' : ` err:${error}`}`) }),
    ...(at !== undefined && { at }),
    ...(status === 'failed' &&
      (isDeadNumberCode(word ?? '') || isDeadNumberCode(error ?? '')) && { isAddressDead: true }),
  };
}

/** The id of a submit's answer, as the deliveries keep it. */
export const submitRef = (messageId: string, { receiptIdFormat }: ReceiptSettings): string =>
  receiptIdFormat === 'dec-to-hex'
    ? fromHex(messageId)
    : receiptIdFormat === 'hex-to-dec'
      ? fromDecimal(messageId)
      : messageId;

/** The same id, out of a receipt. */
const receiptRef = (id: string, { receiptIdFormat }: ReceiptSettings): string =>
  receiptIdFormat === 'hex-to-dec' ? fromHex(id) : receiptIdFormat === 'dec-to-hex' ? fromDecimal(id) : id;

/** One spelling for numbers that differ in case or leading zeros; what is no number stays as it is. */
const fromHex = (id: string): string => (/^[0-9a-f]{1,64}$/i.test(id) ? BigInt(`0x${id}`).toString() : id);
const fromDecimal = (id: string): string => (/^\d{1,64}$/.test(id) ? BigInt(id).toString() : id);

/** `text:` is the last field and may hold anything, so fields are looked for before it. */
function fieldOf(text: string, name: string): string | undefined {
  const head = text.split(/\btext:/i, 1)[0] ?? '';
  return new RegExp(`(?:^|\\s)${name}:\\s*([^\\s\\p{C}]{1,65})`, 'iu').exec(head)?.[1];
}

/** Up to the NUL, which some centres leave out. */
function idOf(octets: Buffer | undefined): string | undefined {
  const id = octets?.toString('latin1').split('\0', 1)[0]?.trim();
  return id === '' ? undefined : id;
}

function statusOf(word: string | undefined, state: Buffer | undefined): ReceiptStatus {
  const byWord = STATUS_BY_WORD.get(word ?? '') ?? STATUS_BY_WORD.get(WORD_BY_STATE.get(state?.[0] ?? 0) ?? '');
  return byWord ?? (NETWORK_CODE.test(word ?? '') ? 'failed' : 'sent');
}

/** `done date:YYMMDDhhmm` or with seconds, on the centre's own clock. */
function timeOf(text: string, utcOffset: string | undefined): Date | undefined {
  const parts = /\bdone date:(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?/i.exec(text);
  if (!parts || utcOffset === undefined) return undefined;
  const [, year, month, day, hour, minute, second = '00'] = parts;
  const at = new Date(`20${year}-${month}-${day}T${hour}:${minute}:${second}${utcOffset}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
