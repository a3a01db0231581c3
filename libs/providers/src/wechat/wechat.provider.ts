import type { GuardedHttp } from '#platform';
import { runLimited } from '#platform';
import { RunningSends } from '../outcome/running-sends.js';
import { vendorWords } from '../outcome/vendor-words.js';
import type { ChannelProvider, OutboundDelivery, Outcome } from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { WechatApi } from './wechat.api.js';
import { wechatMessage } from './wechat.message.js';
import type { WechatSettings } from './wechat.settings.js';

const NO_TEMPLATE: Outcome = {
  class: 'bad_content',
  code: 'no_template',
  words: 'WeChat shows templates only: name one in the message’s template or set the account’s defaultTemplate',
};

/** Template messages of one WeChat public account. The vendor takes one recipient a call. */
export class WechatProvider implements ChannelProvider {
  readonly channel = 'wechat' as const;
  readonly name = 'wechat';
  readonly maxBatch = 200;
  // By `client_msg_id`, for 10 minutes: what is retried later than that may arrive twice.
  readonly isIdempotent = true;
  private readonly sends = new RunningSends();
  private readonly api: WechatApi;

  constructor(
    private readonly settings: WechatSettings,
    http: GuardedHttp,
    custody: TokenCustody,
  ) {
    this.api = new WechatApi(settings, http, custody);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) => {
      // A word about the whole account holds for the rest of the batch: it is not asked for each delivery again.
      let refusal: Outcome | undefined;
      return runLimited(batch, this.settings.concurrency, async (delivery) => {
        if (refusal) return refusal;
        const outcome = await this.sendOne(delivery, scope);
        if (outcome.class === 'bad_config' || outcome.isAccountWide) refusal = outcome;
        return outcome;
      });
    });
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async sendOne(delivery: OutboundDelivery, signal: AbortSignal): Promise<Outcome> {
    const message = wechatMessage(delivery, this.settings, new Date());
    if (!message) return NO_TEMPLATE;
    if (signal.aborted) return { class: 'retry', code: 'aborted' };
    const answer = await this.api.call({ path: '/cgi-bin/message/template/send', body: message.body, signal });
    if ('outcome' in answer) return answer.outcome;
    const { msgid } = answer.json;
    return {
      class: 'ok',
      code: '0',
      ...(typeof msgid === 'number' || typeof msgid === 'string' ? { providerRef: String(msgid) } : {}),
      ...(message.warning === undefined ? {} : { words: vendorWords(message.warning) }),
    };
  }
}
