import { describe, expect, it } from '@jest/globals';
import type { NodemailerError } from 'nodemailer';
import { outcomeOfSmtpError } from './smtp.outcomes.js';

const refusal = (response: string, command = 'RCPT TO'): NodemailerError =>
  Object.assign(new Error('refused'), {
    code: 'EENVELOPE',
    response,
    responseCode: Number(response.slice(0, 3)),
    command,
  });

describe('outcome of a server’s reply', () => {
  it.each([
    ['421 4.3.2 shutting down', 'RCPT TO', 'retry'],
    ['450 4.2.1 greylisted', 'RCPT TO', 'retry'],
    ['451 try later', 'DATA', 'retry'],
    ['452 4.3.1 no room', 'MAIL FROM', 'retry'],
    ['454 4.7.0 temporary authentication failure', 'AUTH PLAIN', 'retry'],
    ['550 5.1.1 no such user', 'RCPT TO', 'bad_recipient'],
    ['550 no such user', 'RCPT TO', 'bad_recipient'],
    ['551 5.1.6 moved', 'RCPT TO', 'bad_recipient'],
    ['553 5.1.2 no such domain', 'RCPT TO', 'bad_recipient'],
    ['550 5.1.10 null mx', 'RCPT TO', 'bad_recipient'],
    ['550 5.2.1 disabled', 'RCPT TO', 'bad_recipient'],
    ['552 5.2.2 mailbox full', 'RCPT TO', 'retry'],
    ['552 5.2.3 too big', 'DATA', 'bad_content'],
    ['552 size', 'MAIL FROM', 'bad_content'],
    ['554 5.7.1 spam', 'DATA', 'bad_content'],
    ['550 5.7.26 not authenticated', 'DATA', 'bad_content'],
    ['554 refused', 'DATA', 'bad_content'],
    ['550 refused', 'DATA', 'bad_content'],
    ['530 5.7.0 authentication required', 'MAIL FROM', 'bad_config'],
    ['550 5.7.1 sender not authorised', 'MAIL FROM', 'bad_config'],
    ['552 5.3.4 too big', 'MAIL FROM', 'bad_content'],
    ['530 authentication required', 'MAIL FROM', 'bad_config'],
    ['535 5.7.8 bad credentials', 'AUTH PLAIN', 'bad_config'],
    ['550 5.1.8 bad sender', 'MAIL FROM', 'bad_config'],
    ['550 who are you', 'MAIL FROM', 'bad_config'],
    ['501 bad helo', 'EHLO', 'bad_config'],
    ['503 bad sequence', 'RCPT TO', 'retry'],
    ['554 no service here', 'CONN', 'bad_config'],
  ])('%s at %s is %s', (response, command, expected) => {
    expect(outcomeOfSmtpError(refusal(response, command), false, []).class).toBe(expected);
  });

  it('keeps the class of a reply even when the body had been written', () => {
    expect(outcomeOfSmtpError(refusal('451 later', 'DATA'), true, []).class).toBe('retry');
  });

  it('names the reply and the enhanced code', () => {
    expect(outcomeOfSmtpError(refusal('550-5.1.1 first\n550 5.1.1 second'), false, [])).toEqual({
      class: 'bad_recipient',
      code: '550_5.1.1',
      words: '550-5.1.1 first 550 5.1.1 second',
    });
  });
});

describe('outcome of a failed connection', () => {
  const failure = (code: string, originalCode?: string): NodemailerError =>
    Object.assign(new Error('connect failed'), { code, ...(originalCode !== undefined && { originalCode }) });

  it.each([
    ['ESOCKET', 'ECONNREFUSED', 'connection_refused'],
    ['ESOCKET', 'ECONNRESET', 'connection_reset'],
    ['ECONNECTION', undefined, 'connection_closed'],
    ['ETIMEDOUT', undefined, 'timeout'],
    ['EDNS', 'ENOTFOUND', 'host_not_found'],
    ['ETLS', undefined, 'tls_failed'],
    ['EPROTOCOL', undefined, 'connection_failed'],
  ])('%s (%s) is a retry before the body is written and unknown after, code %s', (code, originalCode, word) => {
    expect(outcomeOfSmtpError(failure(code, originalCode), false, [])).toMatchObject({ class: 'retry', code: word });
    expect(outcomeOfSmtpError(failure(code, originalCode), true, [])).toMatchObject({
      class: 'unknown_outcome',
      code: word,
    });
  });

  it.each(['EAUTH', 'ENOAUTH', 'ECONFIG'])('%s is the account’s fault', (code) => {
    expect(outcomeOfSmtpError(failure(code), false, []).class).toBe('bad_config');
  });
});
