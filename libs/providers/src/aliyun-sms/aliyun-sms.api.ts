import { randomUUID } from 'node:crypto';
import type { GuardedHttp } from '#platform';
import { vendorWords } from '../outcome/vendor-words.js';
import type { Outcome } from '../port/channel-provider.port.js';
import { textOf } from '../vendor-api/text-of.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { signAcs3 } from './acs3-signer.js';
import type { AliyunSmsSettings } from './aliyun-sms.settings.js';

const VERSION = '2017-05-25';

/** What the API said: its code (`OK` or a refusal) with its words; or the outcome of a call that brought no answer. */
export type AliyunAnswer = { code: string; words: string; json: Record<string, unknown> } | { outcome: Outcome };

/** Signed calls to dysmsapi. */
export class AliyunSmsApi {
  private readonly api: VendorApi;
  private readonly host: string;
  private readonly secrets: readonly string[];

  constructor(
    private readonly settings: AliyunSmsSettings,
    http: GuardedHttp,
  ) {
    const { baseUrl, signedHost, accessKeySecret, callbackToken } = settings;
    this.secrets = [accessKeySecret, ...(callbackToken === undefined ? [] : [callbackToken])];
    this.host = signedHost ?? new URL(baseUrl).host;
    this.api = new VendorApi(http, baseUrl, settings.timeoutMs, this.secrets);
  }

  async call(
    action: 'SendSms' | 'QuerySendDetails',
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<AliyunAnswer> {
    const { path, headers } = signAcs3(this.settings, {
      host: this.host,
      action,
      version: VERSION,
      query,
      date: new Date(),
      nonce: randomUUID(),
    });
    const isRead = action === 'QuerySendDetails';
    const answer = await this.api.call({
      method: 'POST',
      path,
      headers: { ...headers, accept: 'application/json', 'user-agent': 'message-center' },
      signal,
      isRead,
      repeatsOn5xx: true,
    });
    if ('outcome' in answer) return answer;
    const code = textOf(answer.json.Code);
    const words = vendorWords(withoutCanonicalRequest(textOf(answer.json.Message) ?? ''), this.secrets);
    if (code !== undefined) return { code, words, json: answer.json };
    // A proxy's JSON, or nothing of what the API says.
    if (answer.status >= 400) return { outcome: { class: 'bad_config', code: `http_${answer.status}`, words } };
    return { outcome: { class: isRead ? 'retry' : 'unknown_outcome', code: 'broken_answer', words } };
  }
}

/** Far more than an outcome keeps. */
const MAX_WORDS = 2000;

/** With a wrong signature the vendor repeats the whole request, number and text included. */
const withoutCanonicalRequest = (words: string): string =>
  words.slice(0, MAX_WORDS).replace(/(?<![,;.\s])[,;.\s]*server (?:string|canonical)[^]*/i, '');
