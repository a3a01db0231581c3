import type { GuardedHttp } from '#platform';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { textOf } from '../vendor-api/text-of.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { signTc3 } from './tc3-signer.js';
import type { TencentSmsSettings } from './tencent-sms.settings.js';

const VERSION = '2021-01-11';
const SERVICE = 'sms';
const CONTENT_TYPE = 'application/json';

/** The vendor's word on one number of a call. */
export interface SendStatus {
  number: string;
  serialNo: string | undefined;
  code: string;
  words: string;
}

/** A word for each number; or the refusal of the whole call; or the outcome of a call that brought no answer. */
export type TencentAnswer =
  { statuses: SendStatus[] } | { refusal: { code: string; words: string } } | { outcome: Outcome };

/** Signed calls of `SendSms`. */
export class TencentSmsApi {
  private readonly api: VendorApi;
  private readonly host: string;
  private readonly secrets: readonly string[];

  constructor(
    private readonly settings: TencentSmsSettings,
    http: GuardedHttp,
  ) {
    const { baseUrl, signedHost, secretKey, callbackToken } = settings;
    this.secrets = [secretKey, ...(callbackToken === undefined ? [] : [callbackToken])];
    this.host = signedHost ?? new URL(baseUrl).hostname;
    this.api = new VendorApi(http, baseUrl, settings.timeoutMs, this.secrets);
  }

  async send(parameters: object, signal: AbortSignal): Promise<TencentAnswer> {
    const body = JSON.stringify(parameters);
    const timestampS = Math.floor(Date.now() / 1000);
    const signed = { host: this.host, service: SERVICE, contentType: CONTENT_TYPE, body, timestampS };
    const answer = await this.api.call({
      method: 'POST',
      path: '/',
      headers: {
        'content-type': CONTENT_TYPE,
        'user-agent': 'message-center',
        'x-tc-action': 'SendSms',
        'x-tc-version': VERSION,
        'x-tc-region': this.settings.region,
        'x-tc-timestamp': String(timestampS),
        authorization: signTc3(this.settings, signed),
      },
      body,
      signal,
    });
    return 'outcome' in answer ? answer : this.read(answer.status, answer.json);
  }

  private read(status: number, json: Record<string, unknown>): TencentAnswer {
    const response = objectOf(json.Response);
    const error = objectOf(response?.Error);
    const code = textOf(error?.Code);
    if (code !== undefined) return { refusal: { code, words: this.words(error?.Message) } };
    const set = response?.SendStatusSet;
    if (Array.isArray(set)) return { statuses: set.flatMap((item) => this.statusOf(objectOf(item)) ?? []) };
    // A proxy's JSON, or nothing of what the API says.
    return {
      outcome:
        status >= 400
          ? { class: 'bad_config', code: `http_${status}` }
          : { class: 'unknown_outcome', code: 'broken_answer' },
    };
  }

  private statusOf(item: Record<string, unknown> | undefined): SendStatus | null {
    const code = textOf(item?.Code);
    const number = textOf(item?.PhoneNumber);
    if (code === undefined || number === undefined) return null;
    return { number, serialNo: textOf(item?.SerialNo), code, words: this.words(item?.Message) };
  }

  private words(message: unknown): string {
    return vendorWords(textOf(message) ?? '', this.secrets);
  }
}

const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
