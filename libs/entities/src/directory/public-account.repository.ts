import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { AccountHealthRepository } from '../accounts/account-health.repository.js';
import { AuditedChange } from '../connection/audited-change.js';
import { Database, type Sql } from '../connection/database.js';
import type { AuditEntry } from './audit.repository.js';
import { FollowerRepository } from './follower.repository.js';

/** Place of public accounts among the accounts of their channel: after those of the channel itself. */
const POSITION = 100;

export interface PublicAccountFields {
  publicId: string;
  name: string;
  remark: string;
  /** Client apps that may use it; empty: every app. */
  clientApps: readonly string[];
  defaultTemplate: object | null;
  provider: string;
  /** Without the write-only ones. */
  settings: Record<string, unknown>;
  /** Sealed JSON of the write-only ones; null where there are none. */
  secrets: Buffer | null;
  enabled: boolean;
  ratePerSecond: number | null;
}

export interface PublicAccountRow extends PublicAccountFields {
  templatesSyncedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** `unknown`: the center has no openid of him there. */
export type Following = 'follows' | 'left' | 'unknown';

/** Why an openid is not used any more: its owner left, as WeChat told by an event or when something was sent to him. */
const LEFT: ReadonlySet<string> = new Set(['left', '43004', '50005']);

const SELECT = `
SELECT a.public_id AS "publicId", a.name, a.remark, a.client_apps AS "clientApps", a.default_template AS "defaultTemplate",
       p.provider, p.settings, p.secrets, p.enabled, p.rate_per_second AS "ratePerSecond",
       a.templates_synced_at AS "templatesSyncedAt", a.created_at AS "createdAt", a.updated_at AS "updatedAt"
  FROM public_account a JOIN provider_account p ON p.channel = 'wechat' AND p.id = a.public_id COLLATE "C"`;

const healthKey = (publicId: string): string => `wechat:${publicId}`;

/** WeChat public accounts: each is the provider account `wechat:<publicId>` and what a person must know of it beside. */
@Injectable()
export class PublicAccountRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
    private readonly health: AccountHealthRepository,
    private readonly followers: FollowerRepository,
  ) {}

  async find(publicId: string): Promise<PublicAccountRow | null> {
    const [row] = await this.database.query<PublicAccountRow>(`${SELECT} WHERE a.public_id = $1`, [publicId]);
    return row ?? null;
  }

  list(afterId: string, limit: number): Promise<PublicAccountRow[]> {
    return this.database.query<PublicAccountRow>(`${SELECT} WHERE a.public_id > $1 ORDER BY a.public_id LIMIT $2`, [
      afterId,
      limit,
    ]);
  }

  /** Enabled ones that the app may use and that show messages without a template of their own; at most `limit`. */
  async withDefaultTemplateFor(appId: string, limit: number): Promise<string[]> {
    const rows = await this.database.query<{ publicId: string }>(
      `SELECT a.public_id AS "publicId"
         FROM public_account a JOIN provider_account p ON p.channel = 'wechat' AND p.id = a.public_id COLLATE "C"
        WHERE p.enabled AND a.default_template IS NOT NULL AND (a.client_apps = '{}' OR $1 COLLATE "C" = ANY(a.client_apps))
        LIMIT $2`,
      [appId, limit],
      'with_default_template',
    );
    return rows.map(({ publicId }) => publicId);
  }

  /** Those that the app may send through, whether they are enabled or not. */
  listFor(appId: string): Promise<(PublicAccountRow & { isHealthy: boolean })[]> {
    return this.database.query<PublicAccountRow & { isHealthy: boolean }>(
      `SELECT o.*, h.account IS NULL AS "isHealthy"
         FROM (${SELECT} WHERE a.client_apps = '{}' OR $1 COLLATE "C" = ANY(a.client_apps)) o
         LEFT JOIN account_health h
           ON h.account = 'wechat:' || o."publicId" AND (h.state <> 'closed' OR h.parked_until > now())
        ORDER BY o."publicId"`,
      [appId],
    );
  }

  /** Whether the person can be written to through the account, on behalf of the app. */
  async following(publicId: string, userId: string, appId: string): Promise<Following> {
    const rows = await this.database.query<{ reason: string | null }>(
      `SELECT CASE WHEN suspended_at IS NOT NULL THEN coalesce(suspended_reason, '') END AS reason FROM recipient_address
        WHERE user_id = $1 AND channel = 'wechat' AND app_id IN ('', $2) AND account IN ('', $3)`,
      [userId, appId, publicId],
    );
    if (rows.some(({ reason }) => reason === null)) return 'follows';
    return rows.some(({ reason }) => reason !== null && LEFT.has(reason)) ? 'left' : 'unknown';
  }

  /** Client apps among `appIds` that exist. */
  async knownApps(appIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ app_id: string }>(
      'SELECT app_id FROM client_app WHERE app_id = ANY($1::text[])',
      [appIds],
    );
    return new Set(rows.map((row) => row.app_id));
  }

  /** @throws AppError `conflict`: there is an account of this id */
  async create(fields: PublicAccountFields, entry: AuditEntry): Promise<void> {
    await this.change.run(entry, 'channel', async (_manager, tx) => {
      const rows = await tx.query(
        `INSERT INTO public_account (public_id, name, remark, client_apps, default_template) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING RETURNING public_id`,
        [fields.publicId, fields.name, fields.remark, fields.clientApps, json(fields.defaultTemplate)],
      );
      if (rows.length === 0) throw conflict(`A public account "${fields.publicId}" exists already.`);
      await insertProviderAccount(tx, fields);
    });
  }

  /**
   * Creates or replaces. What was known of the account's health is forgotten, and of its followers, where it is another one at
   * WeChat now. @throws AppError `conflict`, see `create`
   */
  async put(fields: PublicAccountFields, entry: AuditEntry): Promise<void> {
    await this.change.run(entry, 'channel', async (_manager, tx) => {
      const [before] = await tx.query<{ appId: string | null }>(
        `SELECT settings->>'appId' AS "appId" FROM provider_account WHERE channel = 'wechat' AND id = $1 FOR UPDATE`,
        [fields.publicId],
      );
      await tx.query(
        `WITH gone AS (
           DELETE FROM provider_account WHERE channel = 'wechat' AND id = $1
              AND EXISTS (SELECT FROM public_account WHERE public_id = $1)
         )
         INSERT INTO public_account (public_id, name, remark, client_apps, default_template) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (public_id) DO UPDATE SET name = excluded.name, remark = excluded.remark,
           client_apps = excluded.client_apps, default_template = excluded.default_template, updated_at = now()`,
        [fields.publicId, fields.name, fields.remark, fields.clientApps, json(fields.defaultTemplate)],
      );
      await insertProviderAccount(tx, fields);
      await this.health.clear(tx, [healthKey(fields.publicId)]);
      if (before && before.appId !== (fields.settings['appId'] ?? null))
        await this.followers.forget(tx, fields.publicId);
    });
  }

  /** With its templates and the list of its followers. False when there is no such account. */
  async remove(publicId: string, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, 'channel', async (_manager, tx) => {
      const rows = await tx.query('DELETE FROM public_account WHERE public_id = $1 RETURNING public_id', [publicId]);
      if (rows.length === 0) return null;
      await tx.query(`DELETE FROM provider_account WHERE channel = 'wechat' AND id = $1`, [publicId]);
      await this.health.clear(tx, [healthKey(publicId)]);
      return true;
    });
    return done !== null;
  }
}

async function insertProviderAccount(tx: Sql, fields: PublicAccountFields): Promise<void> {
  const rows = await tx.query(
    `INSERT INTO provider_account (channel, id, provider, settings, secrets, enabled, rate_per_second, position)
     VALUES ('wechat', $1, $2, $3, $4, $5, $6, ${POSITION}) ON CONFLICT DO NOTHING RETURNING id`,
    [
      fields.publicId,
      fields.provider,
      JSON.stringify(fields.settings),
      fields.secrets,
      fields.enabled,
      fields.ratePerSecond,
    ],
  );
  if (rows.length > 0) return;
  throw conflict(`"${fields.publicId}" is an account of the channel: change it with PUT /v1/channels/wechat.`);
}

const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

const conflict = (detail: string): AppError => new AppError('conflict', 'conflict', detail);
