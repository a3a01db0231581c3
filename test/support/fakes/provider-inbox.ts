import type {
  DeviceAck,
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
  tries = 0;

  get receipts(): ProviderReceipt[] {
    return this.calls.flatMap(({ news }) => news.receipts ?? []);
  }

  get uplinks(): Uplink[] {
    return this.calls.flatMap(({ news }) => news.uplinks ?? []);
  }

  get deviceAcks(): DeviceAck[] {
    return this.calls.flatMap(({ news }) => news.deviceAcks ?? []);
  }

  get devicesBack(): string[] {
    return this.calls.flatMap(({ news }) => news.devicesBack ?? []);
  }

  async take(accountId: string, news: ProviderNews): Promise<void> {
    this.tries++;
    await this.beforeTake();
    this.calls.push({ accountId, news });
  }
}
