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

  /** Those of these sign-ins that stand: not ended, not over, of nobody who was removed. @param sessions hex hashes of their tokens */
  async valid(sessions: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ session: string }>(
      `SELECT encode(token_hash, 'hex') AS session FROM portal_session
        WHERE token_hash = ANY(ARRAY(SELECT decode(h, 'hex') FROM unnest($1::text[]) AS h)) AND expires_at > now()`,
      [sessions],
    );
    return new Set(rows.map(({ session }) => session));
  }

  async end(tokenHash: Buffer): Promise<void> {
    await this.database.query('DELETE FROM portal_session WHERE token_hash = $1', [tokenHash]);
  }
}
