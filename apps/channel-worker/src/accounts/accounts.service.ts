import { randomInt } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppError, type Channel } from '#contracts';
import { CatalogRepository, CatalogWatch, SANDBOX_ACCOUNT, type ProviderAccountRow } from '#entities';
import { SandboxConfig, SecretBox } from '#platform';
import { ProviderRegistry, type ChannelProvider } from '#providers';

/** An open account: the adapter, and the name under which its receipts and attempts are kept. */
export interface OpenAccount {
  id: string;
  provider: ChannelProvider;
  /** Deliveries a second; null = as many as it takes. */
  perSecond: number | null;
}

/** Which provider serves a channel. The sandbox serves those that have none, where it is switched on. */
@Injectable()
export class Accounts implements OnApplicationShutdown {
  private rows: Promise<ProviderAccountRow[]> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    private readonly registry: ProviderRegistry,
    private readonly secrets: SecretBox,
    private readonly sandbox: SandboxConfig,
    watch: CatalogWatch,
  ) {
    watch.onChange('channel', () => (this.rows = undefined));
  }

  /** @param accountId a certain account; else one of those enabled, by weight. Null: nobody serves the channel. */
  async open(channel: Channel, accountId?: string): Promise<OpenAccount | null> {
    const rows = (await this.current()).filter((row) => row.channel === channel);
    const row =
      accountId === undefined
        ? byWeight(rows.filter((candidate) => candidate.enabled))
        : rows.find((candidate) => candidate.id === accountId);
    if (row) {
      return {
        id: `${channel}:${row.id}`,
        provider: this.registry.open(this.accountOf(row)),
        perSecond: row.rate_per_second,
      };
    }
    if (accountId !== undefined || !this.sandbox.SANDBOX) return null;
    const provider = this.registry.open({
      id: `${channel}:${SANDBOX_ACCOUNT}`,
      channel,
      provider: 'sandbox',
      settings: {},
    });
    return { id: SANDBOX_ACCOUNT, provider, perSecond: null };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.registry.closeAll();
  }

  private accountOf(row: ProviderAccountRow): Parameters<ProviderRegistry['open']>[0] {
    const secrets = row.secrets ? this.unseal(row, row.secrets) : {};
    return {
      id: `${row.channel}:${row.id}`,
      channel: row.channel,
      provider: row.provider,
      settings: { ...row.settings, ...secrets },
    };
  }

  private unseal(row: ProviderAccountRow, sealed: Buffer): Record<string, unknown> {
    try {
      return JSON.parse(this.secrets.open(sealed, `provider_account.secrets:${row.channel}:${row.id}`)) as Record<
        string,
        unknown
      >;
    } catch (cause) {
      throw new AppError(
        'account_sealed',
        'transient',
        'The secrets of a provider account cannot be opened: check MASTER_KEY.',
        { channel: row.channel, account: row.id },
        { cause },
      );
    }
  }

  private current(): Promise<ProviderAccountRow[]> {
    this.rows ??= this.catalog.accounts().catch((error: unknown) => {
      this.rows = undefined;
      throw error;
    });
    return this.rows;
  }
}

/** One of the rows, each as often as its weight says; an account of weight 0 is used only where there is no other. */
function byWeight(rows: readonly ProviderAccountRow[]): ProviderAccountRow | undefined {
  const total = rows.reduce((sum, row) => sum + row.weight, 0);
  if (rows.length < 2 || total === 0) return rows[0];
  let left = randomInt(total);
  return rows.find((row) => (left -= row.weight) < 0);
}
