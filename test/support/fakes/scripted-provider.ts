import { OUTGOING_CHANNELS, type Channel } from '#contracts';
import type { ChannelProvider, OutboundDelivery, Outcome, ProviderAccount, ProviderFactory } from '#providers';

/** What the provider answers for one delivery; a promise is a provider that takes its time. */
export type Script = (sent: SentDelivery) => Outcome | Promise<Outcome>;

export interface SentDelivery extends OutboundDelivery {
  channel: Channel;
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
  isIdempotent = true;
  maxBatch = 200;
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
    this.isIdempotent = true;
    this.maxBatch = 200;
  }

  create({ channel }: ProviderAccount): ChannelProvider {
    const current = { maxBatch: () => this.maxBatch, isIdempotent: () => this.isIdempotent };
    return {
      channel,
      name: this.provider,
      get maxBatch() {
        return current.maxBatch();
      },
      get isIdempotent() {
        return current.isIdempotent();
      },
      send: (batch) => Promise.all(batch.map((delivery) => this.answer({ ...delivery, channel }))),
      close: () => Promise.resolve(),
    };
  }

  private async answer(delivery: SentDelivery): Promise<Outcome> {
    this.sent.push(delivery);
    const script = this.scripts.get(delivery.channel);
    return script ? script(delivery) : { class: 'ok', providerRef: delivery.ref };
  }
}
