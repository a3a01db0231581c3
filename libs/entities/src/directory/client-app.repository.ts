import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** What every request needs to know of its caller. */
export interface ClientAppForAuth {
  app_id: string;
  name: string;
  enabled: boolean;
  channels: string[];
  features: string[];
  ip_allowlist: string[];
  rate_per_second: number | null;
  has_sms_quota: boolean;
  secret: Buffer;
  /** Still valid beside `secret`, by the database's clock. */
  previous_secret: Buffer | null;
}

const COLUMNS = `a.app_id, a.name, a.enabled, a.channels, a.features, a.ip_allowlist, a.rate_per_second, a.secret,
  a.sms_quota_total IS NOT NULL OR a.sms_quota_per_day IS NOT NULL AS has_sms_quota,
  CASE WHEN a.previous_secret_until > now() THEN a.previous_secret END AS previous_secret`;

/** Tokens live two hours. */
export const TOKEN_TTL_S = 7200;

@Injectable()
export class ClientAppRepository {
  constructor(private readonly database: Database) {}

  async find(appId: string): Promise<ClientAppForAuth | null> {
    const [row] = await this.database.query<ClientAppForAuth>(
      `SELECT ${COLUMNS} FROM client_app a WHERE a.app_id = $1`,
      [appId],
      'find_client_app',
    );
    return row ?? null;
  }

  /** By an id in whatever case it is written: ids are unique without regard to it. */
  async findIgnoringCase(appId: string): Promise<ClientAppForAuth | null> {
    const [row] = await this.database.query<ClientAppForAuth>(
      `SELECT ${COLUMNS} FROM client_app a WHERE lower(a.app_id) = lower($1)`,
      [appId],
      'find_client_app_ignoring_case',
    );
    return row ?? null;
  }

  /** The app behind an unexpired token, and for how many seconds more it is valid by the database's clock. */
  async findByToken(tokenHash: Buffer): Promise<(ClientAppForAuth & { valid_s: number }) | null> {
    const [row] = await this.database.query<ClientAppForAuth & { valid_s: number }>(
      `SELECT ${COLUMNS}, extract(epoch FROM t.expires_at - now())::float8 AS valid_s
         FROM access_token t JOIN client_app a ON a.app_id = t.app_id
        WHERE t.token_hash = $1 AND t.expires_at > now()`,
      [tokenHash],
      'find_token',
    );
    return row ?? null;
  }

  async storeToken(tokenHash: Buffer, appId: string): Promise<void> {
    await this.database.query(
      `INSERT INTO access_token (token_hash, app_id, expires_at) VALUES ($1, $2, now() + interval '${TOKEN_TTL_S} seconds')`,
      [tokenHash, appId],
      'store_token',
    );
  }
}
