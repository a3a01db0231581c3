import type { DeviceAck, ProviderInbox, ProviderNews, ProviderReceipt, Uplink } from '../port/channel-provider.port.js';

export type NewsItem =
  { receipt: ProviderReceipt } | { uplink: Uplink } | { deviceAck: DeviceAck } | { deviceBack: string };

interface Waiting {
  item: NewsItem;
  resolve(): void;
  reject(error: unknown): void;
}

/** Most items of one `take`. */
const MAX_TAKEN = 500;

/** Hands to the inbox what arrives, one call at a time; what comes meanwhile goes together in the next. */
export class InboxFeed {
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly inbox: ProviderInbox,
    private readonly accountId: string,
  ) {}

  /** Resolves when the item is stored, rejects when it could not be. */
  add(item: NewsItem): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    // What one read of the connection brings goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const taken = this.waiting.splice(0, MAX_TAKEN);
      try {
        await this.inbox.take(this.accountId, newsOf(taken));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    // In the turn of the last look: whoever adds when his item is stored comes before anything that waits for this promise.
    this.running = undefined;
  }
}

function newsOf(taken: readonly Waiting[]): ProviderNews {
  const items = taken.map(({ item }) => item);
  const receipts = items.flatMap((item) => ('receipt' in item ? [item.receipt] : []));
  const uplinks = items.flatMap((item) => ('uplink' in item ? [item.uplink] : []));
  const deviceAcks = items.flatMap((item) => ('deviceAck' in item ? [item.deviceAck] : []));
  const devicesBack = items.flatMap((item) => ('deviceBack' in item ? [item.deviceBack] : []));
  return {
    ...(receipts.length > 0 && { receipts }),
    ...(uplinks.length > 0 && { uplinks }),
    ...(deviceAcks.length > 0 && { deviceAcks }),
    ...(devicesBack.length > 0 && { devicesBack }),
  };
}
