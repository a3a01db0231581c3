import { fieldOf, readFields, type MailField } from './mail-reader.js';

/** What a mail server reports of one recipient (RFC 3464). */
export interface RecipientStatus {
  action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded' | '';
  /** Enhanced status code (RFC 3463), or empty. */
  code: string;
  /** Address the mail ended at, after aliases and forwards; lower case. */
  finalRecipient: string;
  /** The remote server's own words. */
  words: string;
}

export interface DeliveryStatus {
  /** Our ENVID, where the servers on the way keep it. */
  envelopeId: string;
  recipients: RecipientStatus[];
}

/** A mail of ours has one recipient; a forward or a list may add some. */
const MAX_RECIPIENTS = 20;
const ACTION = /^(?:failed|delayed|delivered|relayed|expanded)\b/;
const UNSPECIFIC = /^[245]\.0\.0$/;
const AFTER_REPLY = /\b[245]\d\d[ -]#?([245]\.\d{1,3}\.\d{1,3})\b/;

/** @param text of a part `message/delivery-status` */
export function readDeliveryStatus(text: string): DeliveryStatus {
  const groups = text
    .split(/\n[ \t\r]*\n/, MAX_RECIPIENTS + 10)
    .map((group) => readFields(group.trimStart()))
    .filter((fields) => fields.length > 0);
  return {
    envelopeId: fromXtext(fieldOf(groups[0] ?? [], 'original-envelope-id')),
    recipients: groups
      .filter((fields) => fields.some(({ name }) => name === 'action' || name === 'status'))
      .slice(0, MAX_RECIPIENTS)
      .map(readRecipient),
  };
}

function readRecipient(fields: readonly MailField[]): RecipientStatus {
  const words = afterType(fieldOf(fields, 'diagnostic-code'));
  const status = /^[245]\.\d{1,3}\.\d{1,3}\b/.exec(fieldOf(fields, 'status'))?.[0] ?? '';
  // Servers that know no better write x.0.0; what the remote one had said may be more precise.
  const precise = UNSPECIFIC.test(status) || status === '' ? AFTER_REPLY.exec(words)?.[1] : undefined;
  const action = ACTION.exec(fieldOf(fields, 'action').toLowerCase())?.[0] ?? '';
  return {
    action: action as RecipientStatus['action'],
    code: precise ?? status,
    finalRecipient: afterType(fieldOf(fields, 'final-recipient')).replace(/^<|>$/g, '').toLowerCase(),
    words,
  };
}

/** `smtp; 550 no` → `550 no`. */
const afterType = (value: string): string => value.slice(value.indexOf(';') + 1).trim();

/** RFC 3461 §4; servers hand it back as it went out. */
const fromXtext = (text: string): string =>
  text.replace(/\+([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));
