import { sha256, type GuardedHttp } from '#platform';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { TokenRefusedError, type FetchedToken, type TokenCustody } from '../port/token-custody.port.js';
import { VendorApi, type VendorAnswer } from '../vendor-api/vendor-api.js';
import { withToken } from '../vendor-api/with-token.js';
import { isTokenErrcode, outcomeOfErrcode } from './wechat.outcomes.js';
import type { WechatSettings } from './wechat.settings.js';

const JSON_HEADERS = { 'content-type': 'application/json' };
const MAX_WORDS_BYTES = 2048;

/** WeChat's answer to a call that it took, or the outcome of one that it did not; `hasNoToken`: that of asking for a token. */
export type WechatAnswer = { json: Record<string, unknown> } | { outcome: Outcome; hasNoToken?: true };

/** A call that needs the account's token, which goes into its query. */
interface WechatCall {
  path: string;
  /** Beside the token. */
  query?: Record<string, string>;
  /** Absent: a GET that only asks. */
  body?: object;
  /** It only asks, though it has a body. */
  isRead?: boolean;
  signal?: AbortSignal;
}

/** The calls of WeChat's API for one public account, with its access token. */
export class WechatApi {
  private readonly api: VendorApi;
  private readonly tokenKey: string;

  constructor(
    private readonly settings: WechatSettings,
    http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {
    const secrets = [settings.appSecret, settings.token, settings.encodingAesKey].filter((s) => s !== undefined);
    this.api = new VendorApi(http, settings.baseUrl, settings.timeoutMs, secrets);
    this.tokenKey = `wechat:${sha256(`${settings.appId}\n${settings.appSecret}`).toString('base64url')}`;
  }

  async call({ path, query = {}, body, isRead = !body, signal }: WechatCall): Promise<WechatAnswer> {
    const used: { token: string | null } = { token: null };
    const answer = await withToken<VendorAnswer>(
      this.custody,
      this.tokenKey,
      () => this.fetchToken(used.token),
      (token) => {
        used.token = token;
        return this.api.call({
          method: body ? 'POST' : 'GET',
          path: `${path}?${new URLSearchParams({ access_token: token, ...query }).toString()}`,
          ...(body ? { headers: JSON_HEADERS, body: JSON.stringify(body) } : {}),
          isRead,
          ...(signal ? { signal } : {}),
          repeatsOn5xx: true, // `client_msg_id` keeps a repeated send from arriving twice
          secrets: [token],
        });
      },
      (given) => 'json' in given && isTokenErrcode(errcodeOf(given.json) ?? 0),
    );
    const secrets = [this.settings.appSecret, ...(used.token === null ? [] : [used.token])];
    return this.judge(answer, secrets, !isRead);
  }

  /** @param isSend the call does something, so an answer that says nothing leaves open whether it did */
  private judge(answer: VendorAnswer, secrets: readonly string[], isSend: boolean): WechatAnswer {
    if ('outcome' in answer) return answer;
    const { status, json } = answer;
    const errcode = errcodeOf(json);
    if (errcode !== null && errcode !== 0)
      return { outcome: outcomeOfErrcode(errcode, json['errmsg'], secrets, Date.now()) };
    if (status < 300 && (errcode === 0 || !isSend)) return { json };
    const words = vendorWords(JSON.stringify(json).slice(0, MAX_WORDS_BYTES), secrets);
    // JSON with an error status and without an errcode is none of WeChat's: a proxy refuses the call.
    if (status >= 300) return { outcome: { class: 'bad_config', code: `http_${status}`, words } };
    return { outcome: { class: 'unknown_outcome', code: 'broken_answer', words } };
  }

  /**
   * The stable token: the same one however often it is asked for, so that other systems of the account keep theirs. Only where
   * it is the very one that was refused a new one is forced, of which WeChat allows 20 a day.
   */
  private async fetchToken(refused: string | null): Promise<FetchedToken> {
    const fetched = await this.askForToken(false);
    return fetched.token === refused ? this.askForToken(true) : fetched;
  }

  private async askForToken(isForced: boolean): Promise<FetchedToken> {
    const { appId, appSecret } = this.settings;
    const answer = await this.api.call({
      method: 'POST',
      path: '/cgi-bin/stable_token',
      headers: JSON_HEADERS,
      body: JSON.stringify({
        grant_type: 'client_credential',
        appid: appId,
        secret: appSecret,
        ...(isForced ? { force_refresh: true } : {}),
      }),
      isRead: true,
    });
    if ('outcome' in answer) throw new TokenRefusedError(answer.outcome);
    const { access_token: token, expires_in: expiresInS } = answer.json;
    if (typeof token === 'string' && token !== '' && typeof expiresInS === 'number' && expiresInS > 0)
      return { token, expiresInS };
    const errcode = errcodeOf(answer.json);
    throw new TokenRefusedError(
      errcode === null || errcode === 0
        ? {
            class: answer.status >= 300 ? 'bad_config' : 'retry',
            code: 'broken_answer',
            words: 'no token in the answer',
          }
        : outcomeOfErrcode(errcode, answer.json['errmsg'], [appSecret], Date.now(), 'token'),
    );
  }
}

function errcodeOf(json: Record<string, unknown>): number | null {
  return typeof json['errcode'] === 'number' ? json['errcode'] : null;
}
