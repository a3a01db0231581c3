import type { GuardedHttp, Http2Link } from '#platform';
import { trustedAuthorities } from '../outbound/trusted-authorities.js';
import type { Outcome } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { withToken } from '../vendor-api/with-token.js';
import type { ApnsRequest } from './apns.message.js';
import { outcomeOfApnsAnswer } from './apns.outcomes.js';
import type { ApnsSettings } from './apns.settings.js';
import { isYoung, ProviderToken } from './provider-token.js';

const CLOCK_IS_WRONG: Pick<Outcome, 'class' | 'words'> = {
  class: 'bad_config',
  words: 'Apple takes a new token for an old one: the clock of this machine is wrong',
};

/**
 * Calls to Apple's push service: one connection to each of its two environments. Not through `@parse/node-apn`, which makes tokens of its
 * own in every process, calls what the operator has not opened, and cannot say whether a request that failed was written.
 */
export class ApnsApi {
  private readonly links: Readonly<Record<'production' | 'sandbox', Http2Link>>;
  private readonly apis: Readonly<Record<'production' | 'sandbox', VendorApi>>;
  private readonly token: ProviderToken;

  constructor(
    private readonly settings: ApnsSettings,
    http: GuardedHttp,
    private readonly custody: TokenCustody,
  ) {
    const { baseUrl, sandboxUrl, ca, timeoutMs } = settings;
    this.token = new ProviderToken(settings);
    const open = (url: string): Http2Link =>
      http.openHttp2(new URL(url).origin, ca === undefined ? {} : { ca: trustedAuthorities(ca) });
    this.links = { production: open(baseUrl), sandbox: open(sandboxUrl) };
    this.apis = {
      production: new VendorApi(this.links.production, baseUrl, timeoutMs, []),
      sandbox: new VendorApi(this.links.sandbox, sandboxUrl, timeoutMs, []),
    };
  }

  /** Hands over one push. @param isTest of the device */
  async send(token: string, request: ApnsRequest, isTest: boolean, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return { class: 'retry', code: 'aborted' };
    const { environment } = this.settings;
    const api = this.apis[environment === 'by-device' ? (isTest ? 'sandbox' : 'production') : environment];
    const answer = await withToken(
      this.custody,
      this.token.name,
      () => this.token.make(),
      (bearer) => this.post(api, token, request, bearer, signal),
      ({ outcome }) => outcome.class === 'auth_refresh',
    );
    return answer.outcome;
  }

  async close(): Promise<void> {
    await Promise.all([this.links.production.close(), this.links.sandbox.close()]);
  }

  private async post(
    api: VendorApi,
    token: string,
    { headers, body }: ApnsRequest,
    bearer: string,
    signal: AbortSignal,
  ): Promise<{ outcome: Outcome }> {
    const answer = await api.call({
      method: 'POST',
      path: `/3/device/${token}`,
      headers: { ...headers, 'apns-topic': this.settings.topic, authorization: `bearer ${bearer}` },
      body,
      signal,
      secrets: [bearer],
      repeatsOn5xx: true,
      hasWordsForAll: true,
      isSilentOnSuccess: true,
    });
    const outcome = 'outcome' in answer ? answer.outcome : outcomeOfApnsAnswer(answer, Date.now());
    const isPointless = outcome.class === 'auth_refresh' && isYoung(bearer, Date.now());
    return { outcome: isPointless ? { ...outcome, ...CLOCK_IS_WRONG } : outcome };
  }
}
