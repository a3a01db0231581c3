import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { RecipientRepository } from './recipient.repository.js';

/**
 * A client app's labels on people. Who leaves stays as a row until no accepted message can still mean him: a message goes
 * to the members at its acceptance, however long its fan-out takes.
 */
@Injectable()
export class TagRepository {
  constructor(
    private readonly database: Database,
    private readonly recipients: RecipientRepository,
  ) {}

  async find(appId: string, name: string): Promise<number | null> {
    const [row] = await this.database.query<{ id: number }>(
      'SELECT id FROM tag WHERE app_id = $1 AND name = $2 AND removed_at IS NULL',
      [appId, name],
      'find_tag',
    );
    return row?.id ?? null;
  }

  /** Creates the tag and unknown users; adding a member again changes nothing. */
  async add(appId: string, name: string, userIds: readonly string[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      const [tag] = await tx.query<{ id: number }>(
        `INSERT INTO tag (app_id, name) VALUES ($1, $2)
         ON CONFLICT (app_id, name) WHERE removed_at IS NULL DO UPDATE SET name = excluded.name RETURNING id`,
        [appId, name],
      );
      await this.recipients.ensure(tx, userIds);
      await tx.query(
        `INSERT INTO tag_member (tag_id, user_id) SELECT $1, u FROM (SELECT DISTINCT u FROM unnest($2::text[]) AS u ORDER BY u) x
         ON CONFLICT (tag_id, user_id) WHERE removed_at IS NULL DO NOTHING`,
        [tag?.id, userIds],
      );
    });
  }

  /** False when there is no such tag. */
  async remove(appId: string, name: string): Promise<boolean> {
    const rows = await this.database.query(
      'UPDATE tag SET removed_at = now() WHERE app_id = $1 AND name = $2 AND removed_at IS NULL RETURNING id',
      [appId, name],
    );
    return rows.length > 0;
  }

  async removeMembers(tagId: number, userIds: readonly string[]): Promise<void> {
    await this.database.query(
      'UPDATE tag_member SET removed_at = now() WHERE tag_id = $1 AND user_id = ANY($2::text[]) AND removed_at IS NULL',
      [tagId, userIds],
    );
  }

  /** Deletes members and tags that left before the oldest message still waiting for its fan-out. Answers how many rows. */
  async dropLeft(limit: number): Promise<number> {
    const rows = await this.database.query(
      `WITH oldest AS (
         SELECT coalesce(min(m.accepted_at), now()) - interval '1 minute' AS at
           FROM work w JOIN message m ON m.id = w.message_id WHERE w.kind = 'fan_out' AND w.kind <> 'deliver'
       ), left_tag AS MATERIALIZED (
         SELECT id FROM tag WHERE removed_at < (SELECT at FROM oldest) LIMIT $1
       ), member AS MATERIALIZED (
         (SELECT tag_id, user_id, added_at FROM tag_member WHERE removed_at < (SELECT at FROM oldest) LIMIT $1)
         UNION (SELECT tag_id, user_id, added_at FROM tag_member WHERE tag_id IN (SELECT id FROM left_tag) LIMIT $1)
       ), emptied AS (
         DELETE FROM tag t USING left_tag l
          WHERE t.id = l.id AND NOT EXISTS (SELECT FROM tag_member m WHERE m.tag_id = l.id)
       )
       DELETE FROM tag_member t USING member m
        WHERE t.tag_id = m.tag_id AND t.user_id = m.user_id AND t.added_at = m.added_at RETURNING 1`,
      [limit],
    );
    return rows.length;
  }
}
