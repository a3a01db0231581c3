import type { NodemailerError } from 'nodemailer';
import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

type OutcomeClassOfMail = Outcome['class'];

/** Enhanced status codes (RFC 3463) that say more than the three digits; looked up before those. Order matters. */
const BY_ENHANCED_CODE: readonly (readonly [RegExp, OutcomeClassOfMail])[] = [
  [/^5\.1\.[78]$/, 'bad_config'], // the sender's address
  [/^5\.1\./, 'bad_recipient'],
  [/^5\.2\.1$/, 'bad_recipient'], // mailbox disabled
  [/^5\.2\.2$/, 'retry'], // mailbox full: RFC 3463 wants this one treated as passing
  [/^5\.(?:2\.3|3\.4)$/, 'bad_content'], // too big
  [/^5\.7\.8$/, 'bad_config'], // credentials
  [/^5\.7\./, 'bad_content'],
  [/^5\.6\./, 'bad_content'],
];

const TOO_BIG: ReadonlySet<string> = new Set(['552', '5.2.3', '5.3.4']);
const LOGIN_REFUSED: ReadonlySet<number> = new Set([530, 534, 535, 538]);

const BY_REPLY_CODE: ReadonlyMap<number, OutcomeClassOfMail> = new Map([
  [523, 'bad_content'],
  [552, 'bad_content'],
  [554, 'bad_content'],
]);

/** Errors of the client itself that no retry mends. */
const BY_CLIENT_CODE: ReadonlyMap<string, OutcomeClassOfMail> = new Map([
  ['EAUTH', 'bad_config'],
  ['ENOAUTH', 'bad_config'],
  ['ECONFIG', 'bad_config'],
  ['EREQUIRETLS', 'bad_config'],
  ['EMESSAGE', 'bad_content'], // larger than the server said it takes
  ['EENVELOPE', 'bad_recipient'],
]);

/** True for an enhanced code that says the address will never work again, by the same table as for a live refusal. */
export const isDeadAddressCode = (enhanced: string): boolean => classOfEnhanced(enhanced) === 'bad_recipient';

const classOfEnhanced = (enhanced: string): OutcomeClassOfMail | undefined =>
  BY_ENHANCED_CODE.find(([pattern]) => pattern.test(enhanced))?.[1];

/** Our words for failures of the connection; anything else is `connection_failed`. */
const CONNECTION_CODES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_reset'],
  ['ECONNECTION', 'connection_closed'],
  ['ETIMEDOUT', 'timeout'],
  ['EABORT', 'timeout'],
  ['EDNS', 'host_not_found'],
  ['ETLS', 'tls_failed'],
]);

/** OpenSSL's and Node's codes for a certificate or a handshake that is not trusted. */
const TLS_CODE = /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL/;

/**
 * Class of a failed send. A reply of the server decides by its code; without one it depends on whether the whole
 * message had been written: then the server may have taken it (RFC 5321 §6.1), else it cannot have.
 */
export function outcomeOfSmtpError(
  error: NodemailerError,
  isBodyWritten: boolean,
  secrets: readonly string[],
): Outcome {
  const words = vendorWords(error.response ?? error.message, secrets);
  const reply = error.responseCode;
  if (reply !== undefined && reply >= 400) {
    const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? '')?.[1];
    const code = vendorCode(enhanced === undefined ? String(reply) : `${reply} ${enhanced}`);
    return { class: classOfReply(reply, enhanced, error.command), code, words };
  }
  const settled = BY_CLIENT_CODE.get(error.code ?? '');
  if (settled !== undefined) return { class: settled, code: vendorCode((error.code ?? '').toLowerCase()), words };
  return { class: isBodyWritten ? 'unknown_outcome' : 'retry', code: connectionCode(error), words };
}

function connectionCode(error: NodemailerError): string {
  const codes = [error.originalCode, error.code].map((code) => String(code ?? ''));
  if (codes.some((code) => TLS_CODE.test(code))) return 'tls_failed';
  return codes.map((code) => CONNECTION_CODES.get(code)).find((word) => word !== undefined) ?? 'connection_failed';
}

function classOfReply(reply: number, enhanced: string | undefined, command: string | undefined): OutcomeClassOfMail {
  // 503, wrong order of commands, is the session's fault; a new one may do better.
  if (reply < 500 || reply === 503) return 'retry';
  if (LOGIN_REFUSED.has(reply)) return 'bad_config';
  const isAboutMessage = command === 'RCPT TO' || command === 'DATA';
  // Up to MAIL FROM the server knows the account and the size, neither the recipient nor the words.
  if (!isAboutMessage) return TOO_BIG.has(enhanced ?? String(reply)) ? 'bad_content' : 'bad_config';
  return (
    classOfEnhanced(enhanced ?? '') ??
    BY_REPLY_CODE.get(reply) ??
    (command === 'RCPT TO' ? 'bad_recipient' : 'bad_content')
  );
}
