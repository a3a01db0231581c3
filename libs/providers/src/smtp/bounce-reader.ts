import { vendorWords } from '../outcome/vendor-words.js';
import type { ProviderReceipt } from '../port/channel-provider.port.js';
import { findBounceRef } from './bounce-address.js';
import { readDeliveryStatus, type RecipientStatus } from './delivery-status.js';
import { fieldOf, flatten, readFields, readMail, textOf, type MailField, type MailPart } from './mail-reader.js';
import { isDeadAddressCode } from './smtp.outcomes.js';

/** Where mails of the account say they come from; references are found by it. */
export interface BounceSettings {
  from: string;
  bounceAddress?: string;
}

/** Header fields in which mail servers leave the envelope's recipient, the most certain first. */
const RECIPIENT_FIELDS = ['x-original-to', 'delivered-to', 'envelope-to', 'x-envelope-to', 'to'];
const STATUS_TYPES = ['message/delivery-status', 'message/global-delivery-status'];
const ORIGINAL_TYPES = ['message/rfc822', 'message/global', 'text/rfc822-headers', 'message/global-headers'];
/** Kinds of feedback reports (RFC 5965) in which a person calls our mail spam. */
const COMPLAINTS = ['abuse', 'fraud'];
const MAIL_SERVER = /mailer-daemon|postmaster|mail delivery (?:sub)?system/i;
/** A line with an enhanced code behind a reply code, a `#` or a bracket. */
const FAILURE_IN_TEXT = /^.*?(?:\b5\d\d[ -]|#|\()#?(5\.\d{1,3}\.\d{1,3})\b.*$/m;
/** From here on it is our own message again, which may hold any words. */
const COPY_OF_MESSAGE = /^(?:return-path|received|message-id|x-entity-ref-id):/im;

/**
 * What a mail to the bounce address says of our deliveries: a report (RFC 3464), a complaint (RFC 5965), or a mail
 * server's free text. Everything else that arrives there, holiday notices above all, says nothing. Never throws.
 */
export function receiptsOfMail(raw: Buffer, settings: BounceSettings): ProviderReceipt[] {
  const parts = flatten(readMail(raw));
  const status = parts.find(({ type }) => STATUS_TYPES.includes(type));
  if (status) return receiptsOfStatus(status, parts, settings);
  const feedback = parts.find(({ type }) => type === 'message/feedback-report');
  if (feedback) return receiptsOfComplaint(feedback, parts, settings);
  return receiptsOfText(parts, settings);
}

function receiptsOfStatus(part: MailPart, parts: readonly MailPart[], settings: BounceSettings): ProviderReceipt[] {
  const { envelopeId, recipients } = readDeliveryStatus(textOf(part));
  const original = originalOf(parts);
  const ref = refOf(parts, original, settings) ?? (/^[\w-]{1,64}$/.test(envelopeId) ? envelopeId : undefined);
  if (ref === undefined) return [];
  const sentTo = addressIn(fieldOf(original, 'to'));
  return recipients.flatMap((recipient): ProviderReceipt[] => {
    const receipt = { providerRef: ref, ...wordsOf(recipient.code, recipient.words) };
    if (['delivered', 'relayed', 'expanded'].includes(recipient.action)) return [{ ...receipt, status: 'delivered' }];
    if (!isFailed(recipient)) return [];
    // Behind a forward it is another address that is dead; ours took the mail.
    const isOurs = sentTo === '' || sentTo === recipient.finalRecipient;
    const isDead = isOurs && isDeadAddressCode(recipient.code);
    return [{ ...receipt, status: 'failed', ...(isDead && { isAddressDead: true }) }];
  });
}

const isFailed = ({ action, code }: RecipientStatus): boolean =>
  action === 'failed' || (action === '' && code.startsWith('5'));

/** The mail was delivered, or nobody could complain; but the person wants no more of it. */
function receiptsOfComplaint(part: MailPart, parts: readonly MailPart[], settings: BounceSettings): ProviderReceipt[] {
  const kind = fieldOf(readFields(textOf(part).trimStart()), 'feedback-type').toLowerCase();
  const ref = refOf(parts, originalOf(parts), settings);
  if (ref === undefined || !COMPLAINTS.includes(kind)) return [];
  return [{ providerRef: ref, status: 'delivered', code: 'complaint', words: kind, isAddressDead: true }];
}

/** Mail servers that know no RFC 3464: the sender says that it is a bounce, an enhanced code says why. */
function receiptsOfText(parts: readonly MailPart[], settings: BounceSettings): ProviderReceipt[] {
  const fields = parts[0]?.fields ?? [];
  const names = fieldOf(fields, 'x-failed-recipients') !== '';
  const isFromServer = fieldOf(fields, 'return-path') === '<>' || MAIL_SERVER.test(fieldOf(fields, 'from'));
  if (!names && (!isFromServer || isAutomaticReply(fields))) return [];
  const text = parts
    .filter(({ type }) => type === 'text/plain' || type === 'text/html')
    .map(textOf)
    .join('\n');
  const failure = FAILURE_IN_TEXT.exec(text.slice(0, COPY_OF_MESSAGE.exec(text)?.index ?? text.length));
  const ref = refOf(parts, originalOf(parts), settings) ?? refOfMessageId(text, settings);
  if (failure?.[1] === undefined || ref === undefined) return [];
  const isDead = isDeadAddressCode(failure[1]);
  return [
    { providerRef: ref, status: 'failed', ...wordsOf(failure[1], failure[0]), ...(isDead && { isAddressDead: true }) },
  ];
}

const isAutomaticReply = (fields: readonly MailField[]): boolean =>
  !/^(?:no\b.*)?$/i.test(fieldOf(fields, 'auto-submitted')) ||
  /^(?:bulk|junk|list|auto_reply)$/i.test(fieldOf(fields, 'precedence')) ||
  fields.some(({ name }) => ['x-autoreply', 'x-autorespond', 'vacation'].includes(name));

/** Header of our own message as the bounce brings it back, or nothing. */
function originalOf(parts: readonly MailPart[]): MailField[] {
  const part = parts.slice(1).find(({ type }) => ORIGINAL_TYPES.includes(type));
  return part ? readFields(textOf(part).trimStart()) : [];
}

/** The return path is ours alone; a Message-ID also stands in answers to the mail. */
function refOf(
  parts: readonly MailPart[],
  original: readonly MailField[],
  settings: BounceSettings,
): string | undefined {
  const fields = parts[0]?.fields ?? [];
  const { bounceAddress } = settings;
  if (bounceAddress !== undefined) {
    const recipients = RECIPIENT_FIELDS.flatMap((name) => fields.filter((field) => field.name === name));
    const returnPath = fieldOf(original, 'return-path');
    const found = findBounceRef([...recipients.map(({ value }) => value), returnPath].join('\n'), bounceAddress);
    if (found !== undefined) return found;
  }
  return (
    refOfMessageId(`Message-ID: ${fieldOf(original, 'message-id')}`, settings) ??
    refOfMessageId(`Message-ID: ${fieldOf(fields, 'in-reply-to')}`, settings)
  );
}

function refOfMessageId(text: string, { from }: BounceSettings): string | undefined {
  const match = /^message-id:[ \t]*<([\w-]{1,64})@([^<>@\s]{1,255})>/im.exec(text);
  return match?.[2]?.toLowerCase() === from.slice(from.lastIndexOf('@') + 1).toLowerCase() ? match?.[1] : undefined;
}

const addressIn = (value: string): string => (/<([^<>]*)>[^<>]*$/.exec(value)?.[1] ?? value).trim().toLowerCase();

const wordsOf = (code: string, words: string): Pick<ProviderReceipt, 'code' | 'words'> => ({
  ...(code !== '' && { code }),
  ...(words !== '' && { words: vendorWords(words) }),
});
