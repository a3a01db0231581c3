import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { TokenRefusedError, type FetchToken, type TokenCustody } from '../port/token-custody.port.js';

/** No call was made: there was no token for it. */
export interface NoToken {
  outcome: Outcome;
  hasNoToken: true;
}

/**
 * Runs a call with the account's token; where the vendor says that the token is not good, once more with another one. A refused
 * token means that nothing was sent, so this is no second try of the message.
 */
export async function withToken<T>(
  custody: TokenCustody,
  key: string,
  fetch: FetchToken,
  call: (token: string) => Promise<T>,
  isTokenRefused: (answer: T) => boolean,
): Promise<T | NoToken> {
  try {
    const token = await custody.current(key, fetch).catch(nothingSent);
    const answer = await call(token);
    if (!isTokenRefused(answer)) return answer;
    return await call(await custody.replace(key, token, fetch).catch(nothingSent));
  } catch (error) {
    if (error instanceof TokenRefusedError) return { outcome: error.outcome, hasNoToken: true };
    throw error;
  }
}

/** Whatever kept us from a token (the database, too), the message was not sent. */
function nothingSent(error: unknown): never {
  if (error instanceof TokenRefusedError) throw error;
  const words = vendorWords(error instanceof Error ? error.message : '');
  throw new TokenRefusedError({ class: 'retry', code: 'token_unavailable', words });
}
