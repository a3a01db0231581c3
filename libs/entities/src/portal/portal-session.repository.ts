import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Who is signed in to the portal. All times are the database's. */
@Injectable()
export class PortalSessionRepository {
  constructor(private readonly database: Database) {}

  async userOf(tokenHash: Buffer): Promise<string | null> {
    const [row] = await this.database.query<{ user_id: string }>(
      'SELECT user_id FROM portal_session WHERE token_hash = $1 AND expires_at > now()',
      [tokenHash],
      'find_portal_session',
    );
    return row?.user_id ?? null;
  }

  async start(tokenHash: Buffer, userId: string, hours: number): Promise<void> {
    await this.database.query(
      `INSERT INTO portal_session (token_hash, user_id, expires_at) VALUES ($1, $2, now() + make_interval(hours => $3))`,
      [tokenHash, userId, hours],
    );
  }

  async end(tokenHash: Buffer): Promise<void> {
    await this.database.query('DELETE FROM portal_session WHERE token_hash = $1', [tokenHash]);
  }
}
