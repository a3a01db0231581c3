import { Injectable } from '@nestjs/common';
import type { Channel, SuccessState } from '#contracts';
import { AuditedChange } from '../connection/audited-change.js';
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
}

export interface ChannelSetUp {
  channel: Channel;
  enabled: boolean;
  priority: number | null;
  smart: { successWhen: SuccessState; withinS: number } | null;
  /** In the order they are preferred. */
  accounts: readonly NewProviderAccount[];
}

/** Channels and their accounts as the administrator sets them up. Read them through `CatalogRepository`. */
@Injectable()
export class ChannelAdminRepository {
  constructor(private readonly change: AuditedChange) {}

  /** Replaces the whole channel: accounts that are not named are gone. */
  async put({ channel, enabled, priority, smart, accounts }: ChannelSetUp, entry: AuditEntry): Promise<void> {
    const config = {
      channel,
      enabled,
      priority,
      smartSuccessWhen: smart?.successWhen ?? null,
      smartWithinS: smart?.withinS ?? null,
    };
    await this.change.run(entry, 'channel', async (manager) => {
      await manager.upsert(ChannelConfigEntity, { ...config, updatedAt: () => 'now()' }, ['channel']);
      await manager.delete(ProviderAccountEntity, { channel });
      // The JSON columns are typed as open records, which TypeORM's deep partial cannot express.
      const rows = accounts.map((account, position) => ({ ...account, channel, position })) as object[];
      if (rows.length > 0) await manager.insert(ProviderAccountEntity, rows);
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
