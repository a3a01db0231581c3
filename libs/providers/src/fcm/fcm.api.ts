import type { KeyObject } from 'node:crypto';
import { AppError } from '#contracts';
import { sha256, type GuardedHttp } from '#platform';
import { vendorCode, vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { TokenRefusedError, type FetchedToken, type TokenCustody } from '../port/token-custody.port.js';
import { readPrivateKey } from '../push/private-key.js';
import { signedJwt } from '../push/signed-jwt.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { withToken } from '../vendor-api/with-token.js';
import { outcomeOfFcmAnswer } from './fcm.outcomes.js';
import type { FcmSettings } from './fcm.settings.js';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
/** Whom the assertion is for: Google's own address, whatever proxy stands in front of it. */
const AUDIENCE = 'https://oauth2.googleapis.com/token';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_LIFE_S = 3600;
const DEFAULT_TOKEN_LIFE_S = 3599;

/** Calls to FCM v1 with the access token of a service account, which all processes share. */
export class FcmApi {
  private readonly api: VendorApi;
  private readonly tokens: VendorApi;
  private readonly key: KeyObject;
  private readonly tokenKey: string;

  constructor(
    private readonly settings: FcmSettings,
    http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {
    const { clientEmail, privateKey, baseUrl, tokenUrl, timeoutMs } = settings;
    const key = readPrivateKey(privateKey, 'rsa');
    if (!key) throw new AppError('bad_provider_settings', 'permanent', 'privateKey is no RSA key');
    this.key = key;
    this.tokenKey = `fcm:${sha256(`${clientEmail}\n${privateKey}`).toString('base64url')}`;
    this.api = new VendorApi(http, baseUrl, timeoutMs, []);
    this.tokens = new VendorApi(http, tokenUrl, timeoutMs, []);
  }

  /** Hands over one message. @param body JSON of the request */
  async send(body: string, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return { class: 'retry', code: 'aborted' };
    const answer = await withToken(
      this.custody,
      this.tokenKey,
      () => this.fetchToken(),
      (token) => this.post(body, token, signal),
      ({ outcome }) => outcome.class === 'auth_refresh',
    );
    return answer.outcome;
  }

  private async post(body: string, token: string, signal: AbortSignal): Promise<{ outcome: Outcome }> {
    const answer = await this.api.call({
      method: 'POST',
      path: `/v1/projects/${encodeURIComponent(this.settings.projectId)}/messages:send`,
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
      body,
      signal,
      secrets: [token],
      repeatsOn5xx: true,
      hasWordsForAll: true,
    });
    return { outcome: 'outcome' in answer ? answer.outcome : outcomeOfFcmAnswer(answer, Date.now(), [token]) };
  }

  private async fetchToken(): Promise<FetchedToken> {
    const nowS = Math.floor(Date.now() / 1000);
    const assertion = signedJwt(this.key, {
      iss: this.settings.clientEmail,
      scope: SCOPE,
      aud: AUDIENCE,
      iat: nowS,
      exp: nowS + ASSERTION_LIFE_S,
    });
    const answer = await this.tokens.call({
      method: 'POST',
      path: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
      isRead: true,
      secrets: [assertion],
    });
    if ('outcome' in answer) throw new TokenRefusedError(answer.outcome);
    const { error, error_description: description, access_token: token, expires_in: life } = answer.json;
    if (answer.status >= 400) {
      const words = vendorWords(typeof description === 'string' ? description : '', [assertion]);
      const code = typeof error === 'string' ? vendorCode(error) : `http_${answer.status}`;
      throw new TokenRefusedError({ class: 'bad_config', code, words });
    }
    if (typeof token !== 'string' || token === '')
      throw new TokenRefusedError({ class: 'retry', code: 'broken_answer', words: 'the answer holds no access_token' });
    return { token, expiresInS: typeof life === 'number' ? life : DEFAULT_TOKEN_LIFE_S };
  }
}
