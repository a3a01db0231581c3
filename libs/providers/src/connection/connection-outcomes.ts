import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';

/** Our words for failures of the connection; anything else is `connection_failed`. */
const CONNECTION_CODES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection_refused'],
  ['ECONNRESET', 'connection_reset'],
  ['ETIMEDOUT', 'timeout'],
  ['ENOTFOUND', 'host_not_found'],
  ['EAI_AGAIN', 'host_not_found'],
]);
/** OpenSSL's and Node's codes for a certificate or a handshake that is not trusted. */
const TLS_CODE = /CERT|^UNABLE_TO_|^ERR_TLS|^ERR_SSL|^EPROTO$/;

/** Nothing was written: there was no connection to write on. */
export function outcomeOfConnectError(error: Error & { code?: string }, secrets: readonly string[]): Outcome {
  const code = error.code ?? '';
  const word = TLS_CODE.test(code) ? 'tls_failed' : (CONNECTION_CODES.get(code) ?? 'connection_failed');
  return { class: 'retry', code: word, words: vendorWords(error.message, secrets) };
}

/** No answer came. What was handed to the connection may have been taken; the rest cannot have been. */
export const outcomeOfLoss = (isWritten: boolean, code: string): Outcome => ({
  class: isWritten ? 'unknown_outcome' : 'retry',
  code,
});
