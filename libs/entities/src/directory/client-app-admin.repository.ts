import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { SmsBudgetRepository } from '../accounts/sms-budget.repository.js';
import { AuditedChange } from '../connection/audited-change.js';
import { isUniqueViolation } from '../connection/sql-state.js';
import { ClientAppEntity } from '../entities/client-app.entity.js';
import type { AuditEntry } from './audit.repository.js';

/** What an administrator sets; secrets are sealed by the caller. */
export interface ClientAppFields {
  name: string;
  description: string;
  enabled: boolean;
  channels: string[];
  features: string[];
  ipAllowlist: string[];
  ratePerSecond: number | null;
  /** SMS segments; null: no limit. */
  smsQuotaTotal: number | null;
  smsQuotaPerDay: number | null;
  /** Share of a channel while several apps wait for it. */
  weight: number;
}

export interface ClientAppRow extends ClientAppFields {
  appId: string;
  createdAt: Date;
  updatedAt: Date;
}

/** Client apps as the administrator manages them. */
@Injectable()
export class ClientAppAdminRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly change: AuditedChange,
    private readonly budgets: SmsBudgetRepository,
  ) {}

  /** In the order of their ids, after `afterId`. */
  list(afterId: string, limit: number): Promise<ClientAppRow[]> {
    return this.repository.find({ where: { appId: MoreThan(afterId) }, order: { appId: 'ASC' }, take: limit });
  }

  find(appId: string): Promise<ClientAppRow | null> {
    return this.repository.findOneBy({ appId });
  }

  /** False when the id is taken. */
  async create(
    app: ClientAppFields & { appId: string; secret: Buffer; webhookSecret: Buffer },
    entry: AuditEntry,
  ): Promise<boolean> {
    try {
      await this.change.run(entry, 'client_app', (manager) => manager.insert(ClientAppEntity, app));
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  /**
   * False when there is no such app. Tokens of a disabled app open nothing; they are kept until it is enabled again, because
   * a door may have to tell them from unknown ones.
   */
  async update(appId: string, fields: Partial<ClientAppFields>, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, 'client_app', async (manager, tx) => {
      if (fields.enabled === true) {
        await tx.query(
          `DELETE FROM access_token WHERE app_id = $1 AND EXISTS (SELECT FROM client_app WHERE app_id = $1 AND NOT enabled)`,
          [appId],
        );
      }
      const { affected } = await manager.update(ClientAppEntity, { appId }, { ...fields, updatedAt: () => 'now()' });
      if (!affected) return null;
      if (fields.smsQuotaTotal !== undefined || fields.smsQuotaPerDay !== undefined)
        await this.budgets.review(tx, appId);
      return true;
    });
    return done !== null;
  }

  /** With what is its own: tokens, addresses, tags, templates. Messages stay for their retention. */
  async remove(appId: string, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, 'client_app', async (manager, tx) => {
      const { affected } = await manager.delete(ClientAppEntity, { appId });
      if (!affected) return null;
      await tx.query('DELETE FROM recipient_address WHERE app_id = $1', [appId]);
      await this.budgets.forget(tx, appId);
      await tx.query('UPDATE tag SET removed_at = now() WHERE app_id = $1 AND removed_at IS NULL', [appId]);
      await tx.query('UPDATE template SET deleted_at = now() WHERE app_id = $1 AND deleted_at IS NULL', [appId]);
      await tx.query(`UPDATE catalog_revision SET revision = revision + 1 WHERE topic = 'template'`);
      return true;
    });
    return done !== null;
  }

  /** Revokes every token. An emptied secret (of a lost master key) is none that could stay. @param overlapS seconds for which the old secret stays valid */
  async rotateSecret(appId: string, secret: Buffer, overlapS: number, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, 'client_app', async (_manager, tx) => {
      const rows = await tx.query(
        `UPDATE client_app
            SET previous_secret = CASE WHEN $3::int > 0 THEN nullif(secret, '') END,
                previous_secret_until = CASE WHEN $3::int > 0 THEN now() + $3::int * interval '1 second' END,
                secret = $2, updated_at = now()
          WHERE app_id = $1 RETURNING app_id`,
        [appId, secret, overlapS],
      );
      if (rows.length === 0) return null;
      await tx.query('DELETE FROM access_token WHERE app_id = $1', [appId]);
      return true;
    });
    return done !== null;
  }

  /** The sealed signing secret of callbacks; null when there is no such app. */
  async webhookSecret(appId: string): Promise<Buffer | null> {
    const app = await this.repository.findOne({ where: { appId }, select: { appId: true, webhookSecret: true } });
    return app?.webhookSecret ?? null;
  }

  /** The old one signs beside the new one for a day. */
  async rotateWebhookSecret(appId: string, secret: Buffer, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, 'client_app', async (_manager, tx) => {
      const rows = await tx.query(
        `UPDATE client_app
            SET previous_webhook_secret = nullif(webhook_secret, ''), previous_webhook_secret_until = now() + interval '24 hours',
                webhook_secret = $2, updated_at = now()
          WHERE app_id = $1 RETURNING app_id`,
        [appId, secret],
      );
      return rows.length === 0 ? null : true;
    });
    return done !== null;
  }

  private get repository() {
    return this.dataSource.getRepository(ClientAppEntity);
  }
}
