import { Injectable } from '@nestjs/common';
import { Database } from '#entities';

/** Which sign-ins still stand: not ended, not over, of nobody who was removed. The time is the database's. */
@Injectable()
export class ValidSessionsRepository {
  constructor(private readonly database: Database) {}

  /** One statement for all. @param sessions hex hashes of their tokens @returns those that stand */
  async among(sessions: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ session: string }>(
      `SELECT encode(token_hash, 'hex') AS session FROM portal_session
        WHERE token_hash = ANY(ARRAY(SELECT decode(h, 'hex') FROM unnest($1::text[]) AS h)) AND expires_at > now()`,
      [sessions],
    );
    return new Set(rows.map((row) => row.session));
  }
}
