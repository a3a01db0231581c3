import type { GuardedHttp } from '#platform';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import { sendGrouped, type Grouping } from '../outbound/send-grouped.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import { readErrcode } from '../vendor-api/errcode-api.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { robotMessage } from './dingtalk-robot.message.js';
import { outcomeOfRobotCode } from './dingtalk-robot.outcomes.js';
import type { DingtalkRobotSettings } from './dingtalk-robot.settings.js';
import { MinuteWindow } from './minute-window.js';
import { robotSignature } from './robot-signature.js';

const MAX_MENTIONS = 200;

const refusalOf = ({ address }: OutboundDelivery): Outcome | null =>
  /^[^,\s@]+$/u.test(address)
    ? null
    : { class: 'bad_recipient', code: 'bad_address', words: 'not the userid of one person' };

/**
 * A robot that posts into one group and mentions the recipients there: one message for all who get the same. Whether somebody is in the
 * group nobody says; there are no receipts.
 */
export class DingtalkRobotProvider implements ChannelProvider {
  readonly channel = 'dingtalk' as const;
  readonly name = 'dingtalk-robot';
  readonly maxBatch = MAX_MENTIONS;
  readonly isIdempotent = false;
  private readonly sends = new RunningSends();
  private readonly window: MinuteWindow;
  private readonly api: VendorApi;
  private readonly secrets: readonly string[];
  private readonly grouping: Grouping = {
    refusalOf,
    keyOf: ({ content }) => JSON.stringify(robotMessage(content, [])),
    recipientOf: ({ address }) => address,
    maxRecipients: MAX_MENTIONS,
    // One after the other: they appear in the group in the order of the batch.
    gate: new ConcurrencyGate(1),
  };

  constructor(
    private readonly settings: DingtalkRobotSettings,
    http: GuardedHttp,
  ) {
    const { accessToken, signSecret, baseUrl, timeoutMs, perMinute } = settings;
    this.window = new MinuteWindow(perMinute);
    this.secrets = [accessToken, ...(signSecret === undefined ? [] : [signSecret])];
    this.api = new VendorApi(http, baseUrl, timeoutMs, this.secrets);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      sendGrouped(batch, this.grouping, async (group) => {
        const outcome = await this.post(group, scope);
        return group.map(() => outcome);
      }),
    );
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async post(group: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome> {
    const [first] = group;
    if (!first || signal.aborted) return { class: 'retry', code: 'aborted' };
    const waitMs = this.window.take(performance.now());
    if (waitMs > 0) return { class: 'rate_limited', code: 'minute_full', retryAfterMs: waitMs, isAccountWide: true };
    const userIds = group.map(({ address }) => address);
    const answer = await this.api.call({
      method: 'POST',
      path: `/robot/send?${this.signedQuery(Date.now()).toString()}`,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(robotMessage(first.content, userIds, this.settings.keyword)),
      signal,
    });
    const read = readErrcode(answer, false, this.secrets, outcomeOfRobotCode);
    return 'outcome' in read ? read.outcome : { class: 'ok' };
  }

  private signedQuery(nowMs: number): URLSearchParams {
    const { accessToken, signSecret } = this.settings;
    const query = new URLSearchParams({ access_token: accessToken });
    if (signSecret !== undefined) {
      query.set('timestamp', String(nowMs));
      query.set('sign', robotSignature(signSecret, nowMs));
    }
    return query;
  }
}
