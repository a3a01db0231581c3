import type { TakenMail } from './smtp-mailbox.js';

/** What a mail server says of a mail it took (RFC 3464). */
export interface MailReport {
  action: 'failed' | 'delivered' | 'delayed';
  /** Enhanced status code. */
  status: string;
  /** Of the remote server. */
  diagnostic: string;
}

const headerOf = ({ raw }: TakenMail): string => raw.slice(0, raw.indexOf('\r\n\r\n'));

/** The report that comes back to the envelope's sender, with the header of the mail. */
export function mailReport(mail: TakenMail, { action, status, diagnostic }: MailReport): Buffer {
  const boundary = 'report-of-mx.test';
  const lines = [
    'Return-Path: <>',
    `X-Original-To: ${mail.from}`,
    'From: MAILER-DAEMON@mx.test (Mail Delivery System)',
    `To: ${mail.from}`,
    `Subject: ${action === 'delivered' ? 'Successful Mail Delivery Report' : 'Undelivered Mail Returned to Sender'}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'The mail system at host mx.test has something to say about your message.',
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.test',
    '',
    `Final-Recipient: rfc822; ${mail.to[0] ?? ''}`,
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${diagnostic}`,
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    headerOf(mail),
    '',
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
