import type { GuardedHttp } from '#platform';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import { sendGrouped, type Grouping } from '../outbound/send-grouped.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { umengCall, type UmengCall } from './umeng.message.js';
import { blamesOne, outcomeOfUmengAnswer } from './umeng.outcomes.js';
import { umengSignature } from './umeng-signature.js';
import type { UmengSettings } from './umeng.settings.js';

const MAX_DEVICES = 500;
const SEND_PATH = '/api/send';

const BAD_TOKEN: Outcome = { class: 'bad_recipient', code: 'bad_address', words: 'not the token of one device' };

interface App {
  appKey: string;
  secret: string;
}

/**
 * Umeng U-Push: up to 500 devices that get the same in one call. It answers a call as a whole and tells nothing afterwards, so what it
 * took is `sent` and stays so. Its `out_biz_no` does not hold for calls to single devices: nothing is safe to repeat.
 */
export class UmengProvider implements ChannelProvider {
  readonly channel = 'push' as const;
  readonly name = 'umeng';
  readonly maxBatch = MAX_DEVICES;
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly api: VendorApi;
  private readonly gate: ConcurrencyGate;
  private readonly secrets: readonly string[];

  constructor(
    private readonly settings: UmengSettings,
    http: GuardedHttp,
  ) {
    const { appMasterSecret, iosAppMasterSecret, baseUrl, timeoutMs, concurrency } = settings;
    this.secrets = [appMasterSecret, iosAppMasterSecret].filter((secret) => secret !== undefined);
    this.api = new VendorApi(http, baseUrl, timeoutMs, this.secrets);
    this.gate = new ConcurrencyGate(concurrency);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    const calls = new Map(batch.map((delivery) => [delivery, this.callFor(delivery)]));
    const grouping: Grouping = {
      refusalOf: (delivery) => {
        const call = calls.get(delivery);
        return call && 'outcome' in call ? call.outcome : null;
      },
      keyOf: (delivery) => {
        const call = calls.get(delivery);
        return call && 'write' in call ? `${call.isIos} ${JSON.stringify(call.write(undefined))}` : '';
      },
      recipientOf: ({ address }) => address,
      maxRecipients: this.settings.listcast ? MAX_DEVICES : 1,
      gate: this.gate,
    };
    return this.sends.run(batch, signal, (scope) =>
      sendGrouped(batch, grouping, async (group) => {
        const [first] = group;
        const call = first && calls.get(first);
        if (!first || !call || 'outcome' in call) return [];
        const outcome = await this.post(group, call, scope);
        return group.length > 1 && blamesOne(outcome) ? 'blames_one' : group.map(() => outcome);
      }),
    );
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private callFor(delivery: OutboundDelivery): UmengCall | { outcome: Outcome } {
    if (!/^[^,\s]+$/u.test(delivery.address)) return { outcome: BAD_TOKEN };
    const call = umengCall(delivery);
    if ('outcome' in call || this.appOf(call)) return call;
    const words = `the account has no app for ${call.isIos ? 'iOS' : 'Android'}`;
    return { outcome: { class: 'bad_recipient', code: 'wrong_platform', words, isAddressKept: true } };
  }

  private appOf({ isIos }: UmengCall): App | null {
    const { appKey, appMasterSecret, iosAppKey, iosAppMasterSecret } = this.settings;
    const [key, secret] = isIos ? [iosAppKey, iosAppMasterSecret] : [appKey, appMasterSecret];
    return key === undefined || secret === undefined ? null : { appKey: key, secret };
  }

  private async post(group: readonly OutboundDelivery[], call: UmengCall, signal: AbortSignal): Promise<Outcome> {
    const app = this.appOf(call);
    if (!app) return { class: 'retry', code: 'wrong_platform' };
    const [first] = group;
    // A body is for all of a group, so the reference of each travels only where there is one.
    const isAlone = group.length === 1;
    const body = JSON.stringify({
      appkey: app.appKey,
      timestamp: String(Date.now()),
      type: isAlone ? 'unicast' : 'listcast',
      device_tokens: group.map(({ address }) => address).join(','),
      ...call.write(isAlone ? first?.ref : undefined),
    });
    const { baseUrl, signedUrl = baseUrl } = this.settings;
    const sign = umengSignature(signedUrl.replace(/(?<!\/)\/+$/, '') + SEND_PATH, body, app.secret);
    const answer = await this.api.call({
      method: 'POST',
      path: `${SEND_PATH}?sign=${sign}`,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
      signal,
      repeatsOn5xx: true, // as Umeng has it, at the risk of a push that comes twice
    });
    if ('outcome' in answer) return answer.outcome;
    if (answer.status >= 400 && answer.json.ret === undefined)
      return { class: 'bad_config', code: `http_${answer.status}` };
    return outcomeOfUmengAnswer(answer.json, this.secrets);
  }
}
