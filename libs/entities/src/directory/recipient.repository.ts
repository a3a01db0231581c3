import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { REPLACE_ADDRESS, registeredAs } from './registered-address.sql.js';

export interface ReachQuestion {
  userId: string;
  appId: string;
  /** Asked channel; null = any. */
  channel: Channel | null;
}

/** Who can be reached and how. */
@Injectable()
export class RecipientRepository {
  constructor(private readonly database: Database) {}

  /** For each question: is the user known and, where a channel is asked, has an address there that serves the app. */
  async canReach(questions: readonly ReachQuestion[]): Promise<boolean[]> {
    const rows = await this.database.query<{ ord: number; ok: boolean }>(
      `SELECT q.ord::int AS ord,
              r.user_id IS NOT NULL AND (q.channel IS NULL OR q.channel = 'portal' OR EXISTS (
                SELECT FROM recipient_address a WHERE a.user_id = q.user_id AND a.channel = q.channel
                   AND a.app_id IN ('', q.app_id) AND a.suspended_at IS NULL)) AS ok
         FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS q(user_id, app_id, channel, ord)
         LEFT JOIN recipient r ON r.user_id = q.user_id COLLATE "C"`,
      [questions.map((q) => q.userId), questions.map((q) => q.appId), questions.map((q) => q.channel)],
      'can_reach',
    );
    const answers = questions.map(() => false);
    for (const row of rows) answers[row.ord - 1] = row.ok;
    return answers;
  }

  /** Which of these ids are known. */
  async known(userIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ user_id: string }>(
      'SELECT user_id FROM recipient WHERE user_id = ANY($1::text[])',
      [userIds],
    );
    return new Set(rows.map((row) => row.user_id));
  }

  /** Which of these users have an address on the channel that serves the app. */
  async withAddress(appId: string, channel: Channel, userIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ user_id: string }>(
      `SELECT DISTINCT user_id FROM recipient_address
        WHERE user_id = ANY($1::text[]) AND channel = $2 AND app_id IN ('', $3) AND suspended_at IS NULL`,
      [userIds, channel, appId],
    );
    return new Set(rows.map((row) => row.user_id));
  }

  /** The address that serves the app, of those of these users who have one on the channel. Not for WeChat, where people have several. */
  async addressesOf(appId: string, channel: Channel, userIds: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.database.query<{ user_id: string; address: string }>(
      `SELECT DISTINCT ON (user_id) user_id, address FROM recipient_address
        WHERE user_id = ANY($1::text[]) AND channel = $2 AND app_id IN ('', $3) AND account = '' AND suspended_at IS NULL
        ORDER BY user_id, app_id`,
      [userIds, channel, appId],
    );
    return new Map(rows.map((row) => [row.user_id, row.address]));
  }

  /** Creates those that are unknown, without a name. */
  async ensure(tx: Sql, userIds: readonly string[]): Promise<void> {
    await tx.query(
      `INSERT INTO recipient (user_id) SELECT DISTINCT u FROM unnest($1::text[]) AS u ORDER BY u ON CONFLICT DO NOTHING`,
      [userIds],
    );
  }

  /** The address in this scope that belongs to no account in particular; null: none. @param appId empty: the shared directory */
  async address(
    tx: Sql,
    { userId, channel, appId }: { userId: string; channel: Channel; appId: string },
  ): Promise<string | null> {
    const [row] = await tx.query<{ address: string }>(
      `SELECT address FROM recipient_address WHERE user_id = $1 AND channel = $2 AND app_id = $3 AND account = ''`,
      [userId, channel, appId],
    );
    return row?.address ?? null;
  }

  /**
   * One address per user, channel, scope and account; the newest replaces and revives a suspended one. One that is of an account
   * also replaces the one of no account in particular, which would go before it. A unionid is stored as `registeredAs` has it.
   * @param appId empty: the shared directory
   */
  async setAddress(
    tx: Sql,
    address: { userId: string; channel: Channel; appId: string; account: string; address: string },
  ): Promise<void> {
    await tx.query(
      `WITH replaced AS (
         DELETE FROM recipient_address
          WHERE user_id = $1 AND channel = $2 AND app_id = $3 AND account = '' AND $4::text <> '')
       INSERT INTO recipient_address AS a (user_id, channel, app_id, account, address, unionid, suspended_at, suspended_reason)
       SELECT $1, $2, $3, $4, k.address, k.unionid, k.suspended_at, k.reason
         FROM (${registeredAs({ channel: '$2::text', account: '$4::text', address: '$5::text' })}) k
       ${REPLACE_ADDRESS}`,
      [address.userId, address.channel, address.appId, address.account, address.address],
    );
  }
}
