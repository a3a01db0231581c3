import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { TokenRefusedError, type FetchedToken, type TokenCustody } from '../port/token-custody.port.js';
import type { VendorAnswer, VendorApi } from './vendor-api.js';
import { withToken } from './with-token.js';

/** What the vendor said, 0 being success; `subCode` where it hides the real code behind a general one. */
export interface Errcode {
  code: number;
  subCode?: string;
}

/** A vendor whose every answer holds `errcode` and `errmsg` and whose calls carry an access token (WeCom, DingTalk). */
export interface ErrcodeVendor {
  /** Owner of the token, without its secret. */
  tokenKey: string;
  /** Path and query of the request for a token. */
  tokenPath: string;
  /** Outcome of a code that is not 0, without code and words; `auth_refresh` asks for another token. */
  classify(errcode: Errcode): Omit<Outcome, 'code' | 'words'>;
}

export type ErrcodeAnswer = { json: Record<string, unknown> } | { outcome: Outcome };

interface PostOptions {
  signal: AbortSignal;
  /** As in `VendorCall`. */
  isRead?: boolean;
}

const DEFAULT_TOKEN_LIFE_S = 7200;

/** Calls of one account at such a vendor: keeps to its token and answers the JSON of a success, or an outcome. */
export class ErrcodeApi {
  /** @param secrets as in `VendorApi` */
  constructor(
    private readonly api: VendorApi,
    private readonly custody: TokenCustody,
    private readonly vendor: ErrcodeVendor,
    private readonly secrets: readonly string[],
  ) {}

  async post(path: string, body: object, { signal, isRead = false }: PostOptions): Promise<ErrcodeAnswer> {
    if (signal.aborted) return { outcome: { class: 'retry', code: 'aborted' } };
    const json = JSON.stringify(body);
    return withToken(
      this.custody,
      this.vendor.tokenKey,
      () => this.fetchToken(),
      async (token): Promise<ErrcodeAnswer> => {
        const answer = await this.api.call({
          method: 'POST',
          path: `${path}?access_token=${encodeURIComponent(token)}`,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: json,
          signal,
          isRead,
          secrets: [token],
        });
        return this.read(answer, isRead, [token]);
      },
      (answer) => 'outcome' in answer && answer.outcome.class === 'auth_refresh',
    );
  }

  private async fetchToken(): Promise<FetchedToken> {
    const answer = this.read(
      await this.api.call({ method: 'GET', path: this.vendor.tokenPath, isRead: true }),
      true,
      [],
    );
    if ('outcome' in answer) {
      const { outcome } = answer;
      // A token that cannot be had for its sake is a wrong credential.
      throw new TokenRefusedError(outcome.class === 'auth_refresh' ? { ...outcome, class: 'bad_config' } : outcome);
    }
    const { access_token: token, expires_in: expiresIn } = answer.json;
    if (typeof token !== 'string' || token === '')
      throw new TokenRefusedError({ class: 'retry', code: 'broken_answer', words: 'the answer holds no access_token' });
    return { token, expiresInS: typeof expiresIn === 'number' ? expiresIn : DEFAULT_TOKEN_LIFE_S };
  }

  private read(answer: VendorAnswer, isRead: boolean, secrets: readonly string[]): ErrcodeAnswer {
    return readErrcode(answer, isRead, [...this.secrets, ...secrets], (errcode) => this.vendor.classify(errcode));
  }
}

/** The JSON of a success, or the outcome of the code; JSON without a code is not the vendor's. */
export function readErrcode(
  answer: VendorAnswer,
  isRead: boolean,
  secrets: readonly string[],
  classify: ErrcodeVendor['classify'],
): ErrcodeAnswer {
  if ('outcome' in answer) return answer;
  const { status, json } = answer;
  const { errcode, errmsg, sub_code: subCode, sub_msg: subMsg } = json;
  if (typeof errcode !== 'number') {
    const words = vendorWords(JSON.stringify(json), secrets);
    if (status >= 400) return { outcome: { class: 'bad_config', code: `http_${status}`, words } };
    return { outcome: { class: isRead ? 'retry' : 'unknown_outcome', code: 'broken_answer', words } };
  }
  if (errcode === 0) return { json };
  const hasSubCode = typeof subCode === 'string' && subCode !== '';
  const said = [errmsg, hasSubCode ? subMsg : undefined].filter((text) => typeof text === 'string');
  return {
    outcome: {
      ...classify(hasSubCode ? { code: errcode, subCode } : { code: errcode }),
      code: vendorCode(hasSubCode ? `${errcode}/${subCode}` : String(errcode)),
      words: vendorWords(said.join(' '), secrets),
    },
  };
}
