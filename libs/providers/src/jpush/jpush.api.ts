import type { GuardedHttp } from '#platform';
import type { Outcome } from '../port/channel-provider.port.js';
import { VendorApi, type VendorAnswer } from '../vendor-api/vendor-api.js';
import { outcomeOfJpushError } from './jpush.outcomes.js';
import type { JpushSettings } from './jpush.settings.js';

export type JpushAnswer = { json: Record<string, unknown> } | { outcome: Outcome };

/** Keys to be had in one call; apps that do not pay get ten. */
const CIDS_AT_A_TIME = 100;
/** They are good for a day. */
const CIDS_KEPT_MS = 12 * 3600_000;

/** Calls of one app, with its stock of `cid`: the keys by which JPush tells that a call is repeated. */
export class JpushApi {
  private readonly api: VendorApi;
  private readonly reports: VendorApi;
  private readonly headers: Record<string, string>;
  private readonly secrets: readonly string[];
  private cids: string[] = [];
  private cidsGoodUntil = 0;
  private filling: Promise<Outcome | null> | null = null;

  constructor({ appKey, masterSecret, baseUrl, reportUrl, timeoutMs }: JpushSettings, http: GuardedHttp) {
    const basic = Buffer.from(`${appKey}:${masterSecret}`).toString('base64');
    this.secrets = [masterSecret, basic];
    this.headers = { authorization: `Basic ${basic}`, 'content-type': 'application/json; charset=utf-8' };
    this.api = new VendorApi(http, baseUrl, timeoutMs, this.secrets);
    this.reports = new VendorApi(http, reportUrl, timeoutMs, this.secrets);
  }

  /** A key that no call has had yet. */
  async takeCid(): Promise<{ cid: string } | { outcome: Outcome }> {
    for (;;) {
      if (performance.now() > this.cidsGoodUntil) this.cids = [];
      const cid = this.cids.pop();
      if (cid !== undefined) return { cid };
      const refused = await (this.filling ??= this.fill().finally(() => (this.filling = null)));
      if (refused) return { outcome: refused };
    }
  }

  /** @param isRepeated with a `cid` that a call had before: no answer then leaves things as they were */
  async push(body: string, isRepeated: boolean, signal: AbortSignal): Promise<JpushAnswer> {
    const { headers } = this;
    const call = { method: 'POST', path: '/v3/push', headers, body, signal, isRead: isRepeated } as const;
    return this.read(await this.api.call({ ...call, hasWordsForAll: true }), isRepeated);
  }

  /** What became of a message for these devices: `{registration_id: {status}}`. */
  async statusOf(msgId: string, tokens: readonly string[], signal: AbortSignal): Promise<JpushAnswer> {
    // The id is a number of 64 bits, which only its digits hold.
    const body = `{"msg_id":${msgId},"registration_ids":${JSON.stringify(tokens)}}`;
    const call = { method: 'POST', path: '/v3/status/message', headers: this.headers, body, signal } as const;
    return this.read(await this.reports.call({ ...call, isRead: true, hasWordsForAll: true }), true);
  }

  private async fill(): Promise<Outcome | null> {
    const path = `/v3/push/cid?count=${CIDS_AT_A_TIME}&type=push`;
    const call = { method: 'GET', path, headers: this.headers, isRead: true } as const;
    const answer = this.read(await this.api.call({ ...call, hasWordsForAll: true }), true);
    if ('outcome' in answer) return answer.outcome;
    const { cidlist } = answer.json;
    this.cids = Array.isArray(cidlist)
      ? cidlist.filter((cid): cid is string => typeof cid === 'string' && cid !== '')
      : [];
    this.cidsGoodUntil = performance.now() + CIDS_KEPT_MS;
    return this.cids.length > 0
      ? null
      : { class: 'retry', code: 'broken_answer', words: 'the answer holds no cidlist' };
  }

  private read(answer: VendorAnswer, isRead: boolean): JpushAnswer {
    if ('outcome' in answer) return answer;
    const { status, json } = answer;
    if (status < 300 && json.error === undefined) return { json };
    return { outcome: outcomeOfJpushError(answer, isRead, this.secrets) };
  }
}
