import { Injectable } from '@nestjs/common';
import { isChannel } from '#contracts';
import { CatalogRepository, CatalogWatch, type ProviderAccountRow } from '#entities';
import { SecretBox } from '#platform';
import { AccountSecrets, type ProviderAccount } from '#providers';

/** Accounts that providers report to, kept in memory and renewed within a second of a change. Disabled ones too: their messages are out. */
@Injectable()
export class ReceivingAccounts {
  private readonly secrets: AccountSecrets;
  private rows: Promise<ProviderAccountRow[]> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    box: SecretBox,
    watch: CatalogWatch,
  ) {
    this.secrets = new AccountSecrets(box);
    watch.onChange('channel', () => (this.rows = undefined));
  }

  /** Null: there is no such account. @throws AppError `account_sealed` (transient) */
  async find(channel: string, id: string): Promise<ProviderAccount | null> {
    if (!isChannel(channel)) return null;
    const row = (await this.current()).find((candidate) => candidate.channel === channel && candidate.id === id);
    return row ? this.secrets.accountOf(row) : null;
  }

  private current(): Promise<ProviderAccountRow[]> {
    this.rows ??= this.catalog.accounts().catch((error: unknown) => {
      this.rows = undefined;
      throw error;
    });
    return this.rows;
  }
}
