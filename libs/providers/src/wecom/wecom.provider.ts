import { sha256, type GuardedHttp } from '#platform';
import { ConcurrencyGate } from '../outcome/concurrency-gate.js';
import { RunningSends } from '../outcome/running-sends.js';
import { sendGrouped, type Grouping } from '../outbound/send-grouped.js';
import type {
  ChannelProvider,
  OutboundDelivery,
  Outcome,
  RecipientLimit,
  SentCard,
} from '../port/channel-provider.port.js';
import type { TokenCustody } from '../port/token-custody.port.js';
import { ErrcodeApi, type ErrcodeAnswer } from '../vendor-api/errcode-api.js';
import { VendorApi } from '../vendor-api/vendor-api.js';
import { wecomMessage, type WecomMessage } from './wecom.message.js';
import { blamesOne, outcomeOfWecomCode, outcomesOfSend, wecomName } from './wecom.outcomes.js';
import type { WecomSettings } from './wecom.settings.js';
import { cardOf, doneCard, refusesCard, wecomTodoCard } from './wecom.todo-card.js';

const MAX_USERS = 1000;

/** `|` separates members and `@all` is everybody: neither may come from an address. */
const refusalOf = ({ address }: OutboundDelivery): Outcome | null =>
  /^[^|\s]+$/u.test(address) && address.toLowerCase() !== '@all'
    ? null
    : { class: 'bad_recipient', code: 'bad_address', words: 'not the id of one member' };

/** Messages of a WeCom app to members of the company, up to 1,000 in one call. */
export class WecomProvider implements ChannelProvider {
  readonly channel = 'wecom' as const;
  readonly name = 'wecom';
  readonly maxBatch = MAX_USERS;
  // WeCom can suppress repetitions (`enable_duplicate_check`), but it compares the words, not our reference: it would swallow a
  // second message that says the same to the same person, and miss a repetition whose recipients are grouped differently. So it
  // stays off, and what got no answer is not sent again.
  readonly isIdempotent = false;
  // Beyond these WeCom drops messages and answers success.
  readonly recipientLimits: readonly RecipientLimit[] = [
    { max: 30, windowS: 60 },
    { max: 1000, windowS: 3600 },
  ];
  private readonly sends = new RunningSends();
  private readonly api: ErrcodeApi;
  private readonly grouping: Grouping;

  constructor(
    private readonly settings: WecomSettings,
    http: GuardedHttp,
    custody: TokenCustody,
  ) {
    const { corpId, secret, baseUrl, timeoutMs, concurrency } = settings;
    this.grouping = {
      refusalOf,
      keyOf: (delivery) => JSON.stringify(this.todoCard(delivery) ?? wecomMessage(delivery.content)),
      recipientOf: wecomName,
      maxRecipients: MAX_USERS,
      gate: new ConcurrencyGate(concurrency),
    };
    const secrets = [secret, encodeURIComponent(secret)];
    const vendor = {
      tokenKey: `wecom:${sha256(`${corpId}\n${secret}`).toString('base64url')}`,
      tokenPath: `/cgi-bin/gettoken?${new URLSearchParams({ corpid: corpId, corpsecret: secret }).toString()}`,
      classify: outcomeOfWecomCode,
    };
    this.api = new ErrcodeApi(new VendorApi(http, baseUrl, timeoutMs, secrets), custody, vendor, secrets);
  }

  send(batch: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(batch, signal, (scope) =>
      sendGrouped(batch, this.grouping, (group) => this.sendOne(group, scope)),
    );
  }

  closeCards(cards: readonly SentCard[], signal: AbortSignal): Promise<Outcome[]> {
    return this.sends.run(cards, signal, (scope) =>
      Promise.all(cards.map((card) => this.grouping.gate.run(() => this.closeOne(card, scope)))),
    );
  }

  close(): Promise<void> {
    return this.sends.end();
  }

  private async sendOne(group: readonly OutboundDelivery[], signal: AbortSignal): Promise<Outcome[] | 'blames_one'> {
    const [first] = group;
    if (!first) return [];
    const card = this.todoCard(first);
    if (card) {
      const answer = await this.post(group, card, signal);
      if ('json' in answer) return outcomesOfSend(group, answer.json).map((outcome) => withCard(outcome, answer.json));
      if (!refusesCard(answer.outcome)) return [answer.outcome];
    }
    const answer = await this.post(group, wecomMessage(first.content), signal);
    if ('json' in answer) return outcomesOfSend(group, answer.json);
    const { outcome } = answer;
    return group.length > 1 && blamesOne(outcome) ? 'blames_one' : group.map(() => outcome);
  }

  /** Each is a content of its own, so it has a call of its own. */
  private todoCard(delivery: OutboundDelivery): WecomMessage | null {
    return this.settings.todoCard ? wecomTodoCard(delivery) : null;
  }

  private post(group: readonly OutboundDelivery[], message: WecomMessage, signal: AbortSignal): Promise<ErrcodeAnswer> {
    const touser = group.map(({ address }) => address).join('|');
    return this.api.post('/cgi-bin/message/send', { touser, agentid: this.settings.agentId, ...message }, { signal });
  }

  private async closeOne(card: SentCard, signal: AbortSignal): Promise<Outcome> {
    const body = { ...doneCard(card), agentid: this.settings.agentId };
    const answer = await this.api.post('/cgi-bin/message/update_template_card', body, { signal });
    return 'json' in answer ? { class: 'ok' } : answer.outcome;
  }
}

const withCard = (outcome: Outcome, json: Record<string, unknown>): Outcome =>
  outcome.class === 'ok' ? { ...outcome, ...cardOf(json) } : outcome;
