import type {
  ProviderInbox,
  ProviderNews,
  ProviderReceipt,
  Uplink,
} from '../../../libs/providers/src/port/channel-provider.port.js';

/** Keeps what adapters leave; can be made to refuse, or to take its time. */
export class RecordingInbox implements ProviderInbox {
  readonly calls: { accountId: string; news: ProviderNews }[] = [];
  /** Awaited before anything is kept; what rejects is not kept. */
  beforeTake: () => Promise<void> = () => Promise.resolve();

  get receipts(): ProviderReceipt[] {
    return this.calls.flatMap(({ news }) => news.receipts ?? []);
  }

  get uplinks(): Uplink[] {
    return this.calls.flatMap(({ news }) => news.uplinks ?? []);
  }

  async take(accountId: string, news: ProviderNews): Promise<void> {
    await this.beforeTake();
    this.calls.push({ accountId, news });
  }
}
