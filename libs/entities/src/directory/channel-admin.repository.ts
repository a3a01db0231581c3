import { Injectable } from '@nestjs/common';
import { In, Not } from 'typeorm';
import { AppError, accountKey, type Channel, type SuccessState } from '#contracts';
import { AccountHealthRepository } from '../accounts/account-health.repository.js';
import { AuditedChange } from '../connection/audited-change.js';
import type { Sql } from '../connection/database.js';
import { ChannelConfigEntity } from '../entities/channel-config.entity.js';
import { ProviderAccountEntity } from '../entities/provider-account.entity.js';
import { SettingEntity } from '../entities/setting.entity.js';
import type { AuditEntry } from './audit.repository.js';
import type { SmartSettings } from './catalog.repository.js';

export interface NewProviderAccount {
  id: string;
  provider: string;
  /** Without the write-only ones. */
  settings: Record<string, unknown>;
  /** Sealed JSON of the write-only ones; null where there are none. */
  secrets: Buffer | null;
  weight: number;
  enabled: boolean;
  ratePerSecond: number | null;
  quotaPerHour: number | null;
  quotaPerDay: number | null;
  receiptWithinS: number | null;
}

export interface ChannelSetUp {
  channel: Channel;
  enabled: boolean;
  priority: number | null;
  smart: { successWhen: SuccessState; withinS: number } | null;
  /** In the order they are preferred; null: those there are stay. */
  accounts: readonly NewProviderAccount[] | null;
  /** Ids of those that are as they were. */
  unchanged: readonly string[];
}

/** Channels and their accounts as the administrator sets them up. Read them through `CatalogRepository`. */
@Injectable()
export class ChannelAdminRepository {
  constructor(
    private readonly change: AuditedChange,
    private readonly health: AccountHealthRepository,
  ) {}

  /**
   * Replaces the channel: accounts that are not named are gone, but for WeChat public accounts, which are set up on their own.
   * What was known of the health of those that are named or gone is forgotten. @throws AppError `conflict`: a public account
   * would change
   */
  async put(
    { channel, enabled, priority, smart, accounts, unchanged }: ChannelSetUp,
    entry: AuditEntry,
  ): Promise<void> {
    const config = {
      channel,
      enabled,
      priority,
      smartSuccessWhen: smart?.successWhen ?? null,
      smartWithinS: smart?.withinS ?? null,
    };
    await this.change.run(entry, 'channel', async (manager, tx) => {
      await manager.upsert(ChannelConfigEntity, { ...config, updatedAt: () => 'now()' }, ['channel']);
      if (!accounts) return true;
      const publicIds = channel === 'wechat' ? await publicAccounts(tx) : [];
      const refused = accounts.find(({ id }) => publicIds.includes(id) && !unchanged.includes(id));
      if (refused) {
        const detail = `"${refused.id}" is a public account: change it with PUT /v1/public-accounts/${refused.id}.`;
        throw new AppError('conflict', 'conflict', detail);
      }
      const replaced = { channel, id: Not(In(publicIds)) };
      const before = await manager.findBy(ProviderAccountEntity, replaced);
      await manager.delete(ProviderAccountEntity, replaced);
      // The JSON columns are typed as open records, which TypeORM's deep partial cannot express.
      const rows = accounts
        .map((account, position) => ({ ...account, channel, position }))
        .filter(({ id }) => !publicIds.includes(id)) as object[];
      if (rows.length > 0) await manager.insert(ProviderAccountEntity, rows);
      const afresh = new Set([...before, ...accounts].map(({ id }) => accountKey(channel, id)));
      await this.health.clear(tx, [...afresh]);
      return true;
    });
  }

  async putSmart(smart: SmartSettings, entry: AuditEntry): Promise<void> {
    await this.change.run(entry, 'channel', (manager) =>
      manager.upsert(SettingEntity, { name: 'smart', value: { ...smart } as object, updatedAt: () => 'now()' }, [
        'name',
      ]),
    );
  }
}

async function publicAccounts(tx: Sql): Promise<string[]> {
  const rows = await tx.query<{ public_id: string }>('SELECT public_id FROM public_account');
  return rows.map((row) => row.public_id);
}
