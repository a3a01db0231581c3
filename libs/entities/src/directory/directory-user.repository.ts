import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { AuditedChange } from '../connection/audited-change.js';
import { Database, type Sql } from '../connection/database.js';
import type { AuditEntry } from './audit.repository.js';
import { REPLACE_ADDRESS, registeredAs } from './registered-address.sql.js';

export interface UserAddress {
  channel: Channel;
  /** WeChat: the public account; empty elsewhere. */
  account: string;
  address: string;
}

export interface DirectoryUser {
  userId: string;
  name: string;
  orgUnits: string[];
  addresses: UserAddress[];
}

/** An address that is not used until it is registered again. */
export interface SuspendedAddress extends UserAddress {
  /** Empty: of the shared directory; else the client app it serves. */
  appId: string;
  /** ISO time. */
  since: string;
  reason: string;
}

export interface DirectoryUserRow extends DirectoryUser {
  updatedAt: Date;
  suspended: SuspendedAddress[];
}

export interface OptOuts {
  apps: string[];
  channels: string[];
}

const SELECT = `
SELECT r.user_id AS "userId", r.name, r.updated_at AS "updatedAt",
       ARRAY(SELECT org_unit FROM recipient_org_unit o WHERE o.user_id = r.user_id ORDER BY 1) AS "orgUnits",
       coalesce((SELECT jsonb_agg(jsonb_build_object('channel', a.channel, 'account', a.account, 'address', a.address)
                                  ORDER BY a.channel, a.account)
                   FROM recipient_address a WHERE a.user_id = r.user_id AND a.app_id = ''), '[]') AS addresses,
       coalesce((SELECT jsonb_agg(jsonb_build_object('channel', a.channel, 'account', a.account, 'address', a.address,
                                    'appId', a.app_id, 'since', a.suspended_at, 'reason', coalesce(a.suspended_reason, ''))
                                  ORDER BY a.channel, a.account, a.app_id)
                   FROM recipient_address a WHERE a.user_id = r.user_id AND a.suspended_at IS NOT NULL), '[]') AS suspended
  FROM recipient r`;

/** Writes whole users: what the request does not name is gone afterwards (shared addresses and org units only). */
const PUT = `
WITH input AS (
  SELECT DISTINCT ON (u) * FROM jsonb_to_recordset($1::jsonb) AS x(n int, u text, name text, units jsonb, addresses jsonb)
   ORDER BY u, n DESC
), stored AS (
  INSERT INTO recipient AS r (user_id, name) SELECT u, name FROM input ORDER BY u
  ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, updated_at = now() RETURNING user_id
) SELECT count(*) FROM stored`;

const PUT_ADDRESSES = `
WITH input AS (
  SELECT DISTINCT ON (u) * FROM jsonb_to_recordset($1::jsonb) AS x(n int, u text, addresses jsonb) ORDER BY u, n DESC
), wanted AS (
  SELECT DISTINCT ON (u, a.channel, a.account) u, a.channel, a.account, a.address
    FROM input, jsonb_to_recordset(input.addresses) AS a(channel text, account text, address text)
   ORDER BY u, a.channel, a.account
), gone AS (
  DELETE FROM recipient_address d USING input i
   WHERE d.user_id = i.u COLLATE "C" AND d.app_id = ''
     AND NOT EXISTS (SELECT FROM wanted w WHERE w.u = i.u AND w.channel = d.channel AND w.account = d.account)
)
INSERT INTO recipient_address AS a (user_id, channel, app_id, account, address, unionid, suspended_at, suspended_reason)
SELECT w.u, w.channel, '', w.account, k.address, k.unionid, k.suspended_at, k.reason
  FROM wanted w
 CROSS JOIN LATERAL (${registeredAs({ channel: 'w.channel', account: 'w.account', address: 'w.address' })}) k
${REPLACE_ADDRESS}`;

const PUT_UNITS = `
WITH input AS (
  SELECT DISTINCT ON (u) * FROM jsonb_to_recordset($1::jsonb) AS x(n int, u text, units jsonb) ORDER BY u, n DESC
), wanted AS (
  SELECT DISTINCT u, unit FROM input, jsonb_array_elements_text(input.units) AS unit
), gone AS (
  DELETE FROM recipient_org_unit d USING input i
   WHERE d.user_id = i.u COLLATE "C"
     AND NOT EXISTS (SELECT FROM wanted w WHERE w.u = i.u AND w.unit = d.org_unit)
)
INSERT INTO recipient_org_unit (org_unit, user_id) SELECT unit, u FROM wanted ORDER BY unit, u ON CONFLICT DO NOTHING`;

/** People as the administrator manages them: the shared directory. */
@Injectable()
export class DirectoryUserRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
  ) {}

  async find(userId: string): Promise<DirectoryUserRow | null> {
    const [row] = await this.database.query<DirectoryUserRow>(`${SELECT} WHERE r.user_id = $1`, [userId]);
    return row ?? null;
  }

  list(afterId: string, limit: number): Promise<DirectoryUserRow[]> {
    return this.database.query<DirectoryUserRow>(`${SELECT} WHERE r.user_id > $1 ORDER BY r.user_id LIMIT $2`, [
      afterId,
      limit,
    ]);
  }

  /** Org units among `codes` that exist. */
  async knownUnits(codes: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ code: string }>('SELECT code FROM org_unit WHERE code = ANY($1::text[])', [
      codes,
    ]);
    return new Set(rows.map((row) => row.code));
  }

  /** Creates or replaces. Org units must exist. Of two entries with one id the later counts. */
  async put(users: readonly DirectoryUser[], entry: AuditEntry): Promise<void> {
    await this.change.run(entry, null, (_manager, tx) => this.store(tx, users));
  }

  async remove(userId: string, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, null, async (_manager, tx) => {
      const rows = await tx.query('DELETE FROM recipient WHERE user_id = $1 RETURNING user_id', [userId]);
      if (rows.length === 0) return null;
      await tx.query('DELETE FROM portal_session WHERE user_id = $1', [userId]);
      return true;
    });
    return done !== null;
  }

  /** Null when there is no such user. */
  async optOuts(userId: string): Promise<OptOuts | null> {
    const [row] = await this.database.query<OptOuts>(
      `SELECT ARRAY(SELECT value FROM opt_out o WHERE o.user_id = r.user_id AND kind = 'app' ORDER BY 1) AS apps,
              ARRAY(SELECT value FROM opt_out o WHERE o.user_id = r.user_id AND kind = 'channel' ORDER BY 1) AS channels
         FROM recipient r WHERE r.user_id = $1`,
      [userId],
    );
    return row ?? null;
  }

  /** Replaces them. False when there is no such user. */
  async setOptOuts(userId: string, optOuts: OptOuts, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, null, async (_manager, tx) => {
      const known = await tx.query('SELECT 1 FROM recipient WHERE user_id = $1 FOR UPDATE', [userId]);
      if (known.length === 0) return null;
      await tx.query('DELETE FROM opt_out WHERE user_id = $1', [userId]);
      await tx.query(
        `INSERT INTO opt_out (user_id, kind, value)
         SELECT $1, 'app', v FROM unnest($2::text[]) v UNION SELECT $1, 'channel', v FROM unnest($3::text[]) v`,
        [userId, optOuts.apps, optOuts.channels],
      );
      return true;
    });
    return done !== null;
  }

  private async store(tx: Sql, users: readonly DirectoryUser[]): Promise<void> {
    const json = JSON.stringify(
      users.map((user, n) => ({ n, u: user.userId, name: user.name, units: user.orgUnits, addresses: user.addresses })),
    );
    await tx.query(PUT, [json]);
    await tx.query(PUT_ADDRESSES, [json]);
    await tx.query(PUT_UNITS, [json]);
  }
}
