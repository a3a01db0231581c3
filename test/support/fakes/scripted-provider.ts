import { OUTGOING_CHANNELS, type Channel } from '#contracts';
import type {
  ChannelProvider,
  InboundAnswer,
  InboundRequest,
  OutboundDelivery,
  Outcome,
  ProviderAccount,
  ProviderFactory,
  ProviderNews,
  QueryAnswer,
  RecipientLimit,
} from '#providers';

/** What the provider answers for one delivery; a promise is a provider that takes its time. */
export type Script = (sent: SentDelivery) => Outcome | Promise<Outcome>;

export interface SentDelivery extends OutboundDelivery {
  channel: Channel;
  /** `<channel>:<account id>`. */
  account: string;
}

class NoSettings {}

/**
 * A provider of every channel that answers what the test tells it to and remembers every call. Like the real ones
 * it never deduplicates: what arrives twice is counted twice.
 */
export class ScriptedProvider implements ProviderFactory {
  readonly provider = 'scripted';
  readonly channels = OUTGOING_CHANNELS;
  readonly settings = NoSettings;
  readonly secretSettings: readonly string[] = [];
  /** Every delivery that was handed over, in the order of the calls. */
  readonly sent: SentDelivery[] = [];
  /** References it was asked about, one list a call. */
  readonly asked: string[][] = [];
  isIdempotent = true;
  maxBatch = 200;
  recipientLimits: readonly RecipientLimit[] = [];
  /** What it answers when it is asked about a reference. */
  onQuery: (ref: string) => QueryAnswer | Promise<QueryAnswer> = () => ({ state: 'waiting', receipts: [] });
  private readonly scripts = new Map<Channel, Script>();

  /** Answers of a channel from now on; without one every delivery is `ok`. */
  on(channel: Channel, script: Script | Outcome): void {
    this.scripts.set(channel, typeof script === 'function' ? script : () => script);
  }

  /** What was sent to the address, over all channels. */
  sentTo(address: string): SentDelivery[] {
    return this.sent.filter((delivery) => delivery.address === address);
  }

  reset(): void {
    this.scripts.clear();
    this.sent.length = 0;
    this.asked.length = 0;
    this.onQuery = () => ({ state: 'waiting', receipts: [] });
    this.isIdempotent = true;
    this.maxBatch = 200;
    this.recipientLimits = [];
  }

  create({ channel, id: account }: ProviderAccount): ChannelProvider {
    const current = {
      maxBatch: () => this.maxBatch,
      isIdempotent: () => this.isIdempotent,
      recipientLimits: () => this.recipientLimits,
    };
    return {
      channel,
      name: this.provider,
      get maxBatch() {
        return current.maxBatch();
      },
      get isIdempotent() {
        return current.isIdempotent();
      },
      get recipientLimits() {
        return current.recipientLimits();
      },
      send: (batch) => Promise.all(batch.map((delivery) => this.answer({ ...delivery, channel, account }))),
      query: (refs) => {
        this.asked.push([...refs]);
        return Promise.all(refs.map((ref) => this.onQuery(ref)));
      },
      close: () => Promise.resolve(),
    };
  }

  /** Takes news as JSON from who shows the token `right`; a GET is a check of the address. */
  receive({ id }: ProviderAccount, { method, query, headers, body, ip }: InboundRequest): InboundAnswer {
    const answer = { status: 200, contentType: 'text/plain', news: {} };
    if (query['token'] !== 'right') return { ...answer, status: 403, body: 'no' };
    if (method === 'GET') return { ...answer, body: query['echostr'] ?? '' };
    const news = JSON.parse(body.toString()) as ProviderNews;
    return { ...answer, body: `${id} took ${body.length} bytes from ${ip} as ${headers['x-kind'] ?? '?'}`, news };
  }

  private async answer(delivery: SentDelivery): Promise<Outcome> {
    this.sent.push(delivery);
    const script = this.scripts.get(delivery.channel);
    return script ? script(delivery) : { class: 'ok', providerRef: delivery.ref };
  }
}
