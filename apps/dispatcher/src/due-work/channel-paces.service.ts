import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { CatalogRepository, CatalogWatch, type ProviderAccountRow } from '#entities';

/** How many deliveries a second the accounts of a channel may send, as far as an administrator has said so. */
@Injectable()
export class ChannelPaces {
  private accounts: Promise<ProviderAccountRow[]> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    watch: CatalogWatch,
  ) {
    watch.onChange('channel', () => (this.accounts = undefined));
  }

  /** Null: one of them has no limit, or there is none. */
  async paceOf(channel: Channel): Promise<number | null> {
    this.accounts ??= this.catalog.accounts().catch((error: unknown) => {
      this.accounts = undefined;
      throw error;
    });
    const enabled = (await this.accounts).filter((account) => account.channel === channel && account.enabled);
    // Accounts of weight 0 only stand by.
    const serving = enabled.some(({ weight }) => weight > 0) ? enabled.filter(({ weight }) => weight > 0) : enabled;
    if (serving.length === 0 || serving.some((account) => account.rate_per_second === null)) return null;
    return serving.reduce((sum, account) => sum + (account.rate_per_second ?? 0), 0);
  }
}
