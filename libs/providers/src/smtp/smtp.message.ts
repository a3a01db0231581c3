import type { SendMailOptions } from 'nodemailer';
import type { OutboundDelivery, RenderedContent } from '../port/channel-provider.port.js';
import { bounceAddressOf } from './bounce-address.js';
import type { SmtpSettings } from './smtp.settings.js';

const SUBJECT_LENGTH = 200;

const NOTIFY = { failure: ['FAILURE'], success_and_failure: ['SUCCESS', 'FAILURE'] };

const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** Fixed for a delivery: a mailbox that gets it twice can tell. */
export const messageIdOf = (ref: string, from: string): string => `<${ref}@${from.slice(from.lastIndexOf('@') + 1)}>`;

/** The mail of one delivery, to exactly one recipient. The reference is the only id in it. */
export function mailOf(delivery: OutboundDelivery, settings: SmtpSettings): SendMailOptions {
  const { address, name, content, ref, source } = delivery;
  const { from, bounceAddress } = settings;
  return {
    from: { name: oneLine(settings.fromName ?? source ?? ''), address: from },
    to: { name: oneLine(name ?? ''), address },
    envelope: { from: bounceAddress === undefined ? from : bounceAddressOf(ref, bounceAddress), to: [address] },
    ...(settings.dsn !== undefined && { dsn: { ret: 'HDRS', envid: ref, notify: NOTIFY[settings.dsn] } }),
    ...(settings.replyTo !== undefined && { replyTo: settings.replyTo }),
    subject: subjectOf(content, source),
    text: [content.text ?? content.summary ?? '', content.url ?? ''].filter((part) => part !== '').join('\n\n'),
    ...(content.html !== undefined && { html: content.html + linkHtml(content.url) }),
    messageId: messageIdOf(ref, from),
    headers: { 'X-Entity-Ref-ID': ref, 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function subjectOf({ title, summary, text }: RenderedContent, source: string | undefined): string {
  const line = oneLine(title ?? summary ?? text ?? source ?? '');
  return Array.from(line.slice(0, 2 * SUBJECT_LENGTH))
    .slice(0, SUBJECT_LENGTH)
    .join('');
}

/** The content's own HTML was made safe where it was rendered; this link is written here. */
function linkHtml(url: string | undefined): string {
  if (url === undefined || !/^https?:\/\//i.test(url)) return '';
  const safe = url.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  return `<p><a href="${safe}">${safe}</a></p>`;
}
