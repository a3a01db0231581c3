import { setTimeout as delay } from 'node:timers/promises';
import { InboxFeed, type NewsItem } from '../../connection/inbox-feed.js';
import type { ProviderInbox } from '../../port/channel-provider.port.js';
import { refOf, wordOf } from '../mqtt.message.js';

/** What could not be stored is offered again after this, ms. */
const AGAIN_MS = 1_000;
/** Words that may wait to be stored. The broker hands over fewer at a time, except of those sent without any guarantee (QoS 0). */
const MAX_WAITING = 10_000;

/** What devices say: acknowledgements and hellos. Anything else is passed over. */
export class MqttInbound {
  private readonly feed: InboxFeed;
  private readonly ending = new AbortController();
  private waiting = 0;

  constructor(inbox: ProviderInbox, accountId: string) {
    this.feed = new InboxFeed(inbox, accountId);
  }

  /** Resolves once the word is stored, or was none. Never while it could not be stored: the broker will hand it over again. */
  async take(topic: string, payload: Buffer): Promise<void> {
    const item = itemOf(topic, payload);
    if (item === null) return;
    if (this.waiting >= MAX_WAITING) return kept();
    this.waiting++;
    try {
      while (!this.ending.signal.aborted) {
        if (await this.store(item)) return;
        await delay(AGAIN_MS, undefined, { signal: this.ending.signal }).catch(() => undefined);
      }
    } finally {
      this.waiting--;
    }
    return kept();
  }

  /** Resolves when everything that is being stored is stored, or left to the broker. */
  async close(): Promise<void> {
    this.ending.abort();
    await this.feed.drained();
    // Their acknowledgements leave in the turn that follows.
    await new Promise((resolve) => setImmediate(resolve));
  }

  private store(item: NewsItem): Promise<boolean> {
    return this.feed.add(item).then(
      () => true,
      () => false,
    );
  }
}

function itemOf(topic: string, payload: Buffer): NewsItem | null {
  const said = wordOf(topic);
  if (said === null) return null;
  if (said.word === 'hello') return { deviceBack: said.token };
  const ref = refOf(payload);
  return ref === null ? null : { deviceAck: { token: said.token, ref } };
}

/** Is not acknowledged. */
const kept = (): Promise<never> => new Promise(() => undefined);
