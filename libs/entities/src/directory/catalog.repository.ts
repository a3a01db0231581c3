import { Injectable } from '@nestjs/common';
import type { Channel, SuccessState } from '#contracts';
import { Database, type Sql } from '../connection/database.js';

export const CATALOG_TOPICS = ['client_app', 'template', 'channel', 'sensitive_word'] as const;
export type CatalogTopic = (typeof CATALOG_TOPICS)[number];

export interface ChannelConfig {
  channel: Channel;
  enabled: boolean;
  /** Lower goes first in `any`; null = the default order. */
  priority: number | null;
  smart_success_when: SuccessState | null;
  smart_within_s: number | null;
}

export interface ProviderAccountRow {
  channel: Channel;
  id: string;
  provider: string;
  settings: Record<string, unknown>;
  /** Sealed JSON of the write-only settings. */
  secrets: Buffer | null;
  weight: number;
  enabled: boolean;
  rate_per_second: number | null;
  quota_per_hour: number | null;
  /** Days as in China. */
  quota_per_day: number | null;
  /** Without a receipt after so many seconds the next account tries; null: never. */
  receipt_within_s: number | null;
  /** Another one after every change by the administrator. */
  version: string;
}

export interface SmartSettings {
  order: Channel[];
  portalAtOnce: boolean;
}

/** Small tables that every replica keeps in memory, and the revisions that tell it when to read them again. */
@Injectable()
export class CatalogRepository {
  constructor(private readonly database: Database) {}

  async revisions(): Promise<Map<CatalogTopic, number>> {
    const rows = await this.database.query<{ topic: CatalogTopic; revision: number }>(
      'SELECT topic, revision FROM catalog_revision',
      [],
      'catalog_revisions',
    );
    return new Map(rows.map((row) => [row.topic, row.revision]));
  }

  /** In the transaction of the write: replicas see the new revision when they can see the new rows. */
  async raise(tx: Sql, topic: CatalogTopic): Promise<void> {
    await tx.query('UPDATE catalog_revision SET revision = revision + 1 WHERE topic = $1', [topic]);
  }

  channels(): Promise<ChannelConfig[]> {
    return this.database.query(
      'SELECT channel, enabled, priority, smart_success_when, smart_within_s FROM channel_config',
    );
  }

  accounts(): Promise<ProviderAccountRow[]> {
    return this.database.query(
      `SELECT channel, id, provider, settings, secrets, weight, enabled, rate_per_second, quota_per_hour, quota_per_day,
              receipt_within_s, extract(epoch FROM updated_at)::text AS version
         FROM provider_account ORDER BY channel, position, id`,
    );
  }

  async smart(): Promise<SmartSettings | null> {
    const [row] = await this.database.query<{ value: SmartSettings }>(`SELECT value FROM setting WHERE name = 'smart'`);
    return row?.value ?? null;
  }

  sensitiveWords(): Promise<{ word: string; is_allowed: boolean }[]> {
    return this.database.query('SELECT word, is_allowed FROM sensitive_word');
  }
}
