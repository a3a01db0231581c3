import { Injectable } from '@nestjs/common';
import type { DevicePlatform, PushProvider, WebPushSubscription } from '#contracts';
import { AuditedChange } from '../connection/audited-change.js';
import { Database, type Sql } from '../connection/database.js';
import type { AuditEntry } from '../directory/audit.repository.js';

export interface DeviceRow {
  token: string;
  userId: string;
  /** Empty: serves every client app; else the one that registered it and that alone reaches it. */
  appId: string;
  platform: DevicePlatform;
  /** Null: any that serves its platform. */
  provider: PushProvider | null;
  isTest: boolean;
  subscription: WebPushSubscription | null;
  hasMqttPassword: boolean;
  registeredAt: Date;
  /** When it was registered first, or for another owner: what was meant for it before is for nobody. */
  ownedSince: Date;
  /** When it last answered or connected; null: never. */
  lastSeenAt: Date | null;
  /** A provider called the token dead; null: in use. */
  deactivatedAt: Date | null;
  deactivatedReason: string | null;
}

export interface NewDevice extends Pick<
  DeviceRow,
  'token' | 'userId' | 'appId' | 'platform' | 'provider' | 'isTest' | 'subscription'
> {
  /** SHA-256 of the password to set if the device has none; null: it needs none, and one it has is dropped. */
  mqttPasswordHash: Buffer | null;
  /** Replaces a password it has. */
  isNewPassword: boolean;
}

/** What registering came to. `foreign`: somebody else registered the token, and the caller may not take it over. */
export type Registration = { kind: 'foreign' } | { kind: 'stored'; device: DeviceRow; isPasswordSet: boolean };

const COLUMNS = `d.token, d.user_id AS "userId", d.app_id AS "appId", d.platform, d.provider, d.is_test AS "isTest", d.subscription,
  d.mqtt_password_hash IS NOT NULL AS "hasMqttPassword", d.registered_at AS "registeredAt", d.owned_since AS "ownedSince",
  d.last_seen_at AS "lastSeenAt", d.deactivated_at AS "deactivatedAt", d.deactivated_reason AS "deactivatedReason"`;

const REGISTER = `
INSERT INTO device AS d (token, user_id, app_id, platform, provider, is_test, subscription, mqtt_password_hash)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8)
ON CONFLICT (token) DO UPDATE
  SET owned_since = CASE WHEN d.user_id = excluded.user_id THEN d.owned_since ELSE clock_timestamp() END,
      user_id = excluded.user_id, app_id = excluded.app_id, platform = excluded.platform, provider = excluded.provider,
      is_test = excluded.is_test, subscription = excluded.subscription,
      mqtt_password_hash = CASE WHEN $9 OR excluded.mqtt_password_hash IS NULL THEN excluded.mqtt_password_hash
                                ELSE coalesce(d.mqtt_password_hash, excluded.mqtt_password_hash) END,
      registered_at = now(), deactivated_at = NULL, deactivated_reason = NULL, updated_at = now()
RETURNING ${COLUMNS}, d.mqtt_password_hash IS NOT DISTINCT FROM $8 AND $8::bytea IS NOT NULL AS "isPasswordSet"`;

/** SQL: forgets what waits for the devices of `gone` (token), and what would be sent to them again. In the order in which others lock it. */
const FORGET = `
mail AS MATERIALIZED (
  SELECT m.token, m.ref FROM gone JOIN mqtt_mailbox m ON m.token = gone.token ORDER BY m.token, m.ref FOR UPDATE OF m
), configs AS MATERIALIZED (
  SELECT c.app_id, c.tag, c.device_token FROM gone JOIN device_config c ON c.device_token = gone.token
   ORDER BY c.app_id, c.tag FOR UPDATE OF c
), no_mail AS (
  DELETE FROM mqtt_mailbox m USING mail WHERE m.token = mail.token AND m.ref = mail.ref
), no_configs AS (
  DELETE FROM device_config c USING configs g
   WHERE c.app_id = g.app_id AND c.tag = g.tag AND c.device_token = g.device_token
)`;

const FORGET_ALL_OF = `WITH gone AS (SELECT $1::text COLLATE "C" AS token), ${FORGET} SELECT`;

const REMOVE_OF_OWNER = `
WITH gone AS (
  DELETE FROM device WHERE token = $1 AND app_id = $2 AND user_id = $3 RETURNING token
), ${FORGET}
SELECT FROM gone`;

const REGISTER_ADDRESS = `
INSERT INTO device AS d (token, user_id, app_id, platform) VALUES ($1, $2, $3, coalesce($4, 'android'))
ON CONFLICT (token) DO UPDATE
  SET owned_since = CASE WHEN d.user_id = excluded.user_id THEN d.owned_since ELSE clock_timestamp() END,
      user_id = excluded.user_id, platform = coalesce($4, d.platform),
      registered_at = now(), deactivated_at = NULL, deactivated_reason = NULL, updated_at = now()
  WHERE d.app_id = excluded.app_id`;

/** Devices of channel `push`, as those who register them and the workers see them. */
@Injectable()
export class DeviceRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
  ) {}

  /** @param appId also among those of this app; null: among all */
  async find(token: string, appId: string | null): Promise<DeviceRow | null> {
    const [row] = await this.database.query<DeviceRow>(
      `SELECT ${COLUMNS} FROM device d WHERE d.token = $1 AND ($2::text IS NULL OR d.app_id IN ('', $2))`,
      [token, appId],
    );
    return row ?? null;
  }

  /** In the order of tokens. @param afterToken the last one of the page before; empty: from the first */
  list(
    { userId, appId }: { userId?: string; appId: string | null },
    afterToken: string,
    limit: number,
  ): Promise<DeviceRow[]> {
    const filters = [
      ...(userId === undefined ? [] : [['user_id', userId] as const]),
      ...(appId === null ? [] : [['app_id', appId] as const]),
    ];
    return this.database.query<DeviceRow>(
      `SELECT ${COLUMNS} FROM device d
        WHERE d.token > $1 ${filters.map(([column], at) => `AND d.${column} = $${at + 3}`).join(' ')}
        ORDER BY d.token LIMIT $2`,
      [afterToken, limit, ...filters.map(([, value]) => value)],
    );
  }

  /**
   * Registers it, anew if it is known: it is in use from now on. With another owner nothing of the one before is left.
   * @param mayTakeOver one that somebody else registered
   */
  async register(device: NewDevice, mayTakeOver: boolean, entry: AuditEntry): Promise<Registration> {
    const stored = await this.change.run(entry, null, async (_manager, tx) => {
      // Two who register the same new token at once: the second waits here and finds it.
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [device.token]);
      const [known] = await tx.query<{ app_id: string; user_id: string }>(
        'SELECT app_id, user_id FROM device WHERE token = $1',
        [device.token],
      );
      if (known && known.app_id !== device.appId && !mayTakeOver) return null;
      const [row] = await tx.query<DeviceRow & { isPasswordSet: boolean }>(REGISTER, [
        device.token,
        device.userId,
        device.appId,
        device.platform,
        device.provider,
        device.isTest,
        device.subscription === null ? null : JSON.stringify(device.subscription),
        device.mqttPasswordHash,
        device.isNewPassword,
      ]);
      if (known?.user_id !== device.userId) await tx.query(FORGET_ALL_OF, [device.token]);
      return row ?? null;
    });
    if (!stored) return { kind: 'foreign' };
    const { isPasswordSet, ...row } = stored;
    return { kind: 'stored', device: row, isPasswordSet };
  }

  /**
   * A token as somebody's one address on channel `push`: the device of the address before goes. One that the same app registered
   * with more than its token keeps that; one that somebody else registered stays his.
   * @param platform null: as it is known, else Android
   * @param before the address that this one replaces
   */
  async registerAddress(
    tx: Sql,
    device: Pick<DeviceRow, 'token' | 'userId' | 'appId'> & { platform: DevicePlatform | null },
    before: string | null,
  ): Promise<void> {
    const { token, userId, appId, platform } = device;
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [token]);
    if (before !== null && before !== token) await tx.query(REMOVE_OF_OWNER, [before, appId, userId]);
    const [known] = await tx.query<{ user_id: string }>('SELECT user_id FROM device WHERE token = $1 AND app_id = $2', [
      token,
      appId,
    ]);
    await tx.query(REGISTER_ADDRESS, [token, userId, appId, platform]);
    if (known && known.user_id !== userId) await tx.query(FORGET_ALL_OF, [token]);
  }

  /** Nothing is left that waits for it. False when there is none. @param appId only if this app registered it; null: whoever did */
  async remove(token: string, appId: string | null, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, null, async (_manager, tx) => {
      const rows = await tx.query(
        `WITH gone AS (
           DELETE FROM device WHERE token = $1 AND ($2::text IS NULL OR app_id = $2) RETURNING token
         ), ${FORGET}
         SELECT FROM gone`,
        [token, appId],
      );
      return rows.length === 0 ? null : true;
    });
    return done !== null;
  }

  /** Those of the tokens that are registered, also those out of use. */
  ofTokens(tokens: readonly string[]): Promise<DeviceRow[]> {
    return this.database.query<DeviceRow>(
      `SELECT ${COLUMNS} FROM device d WHERE d.token = ANY($1::text[])`,
      [tokens],
      'devices_of_tokens',
    );
  }

  /** Those of the tokens that are somebody's address on channel `push`, in use. */
  async addressesAmong(tokens: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ address: string }>(
      `SELECT address FROM recipient_address WHERE channel = 'push' AND address = ANY($1::text[]) AND suspended_at IS NULL`,
      [tokens],
    );
    return new Set(rows.map((row) => row.address));
  }

  /** They are there: in the caller's transaction, in the order of tokens. */
  async seen(tx: Sql, tokens: readonly string[]): Promise<void> {
    if (tokens.length === 0) return;
    await tx.query(
      `WITH found AS MATERIALIZED (
         SELECT d.token FROM device d WHERE d.token = ANY($1::text[]) ORDER BY d.token FOR UPDATE OF d
       )
       UPDATE device d SET last_seen_at = now() FROM found f WHERE d.token = f.token`,
      [tokens],
      'devices_seen',
    );
  }
}
