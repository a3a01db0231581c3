import { Injectable } from '@nestjs/common';
import type { Sql } from '../connection/database.js';

/** One message's to-do of one user, as its key. */
export interface OpenTodoKey {
  appId: string;
  /** Hex SHA-256. */
  digest: string;
  userId: string;
  messageId: string;
}

/** To-dos that may not be sent to the same person twice while they are open. One that closes is no longer here. */
@Injectable()
export class OpenTodoRepository {
  /**
   * Opens what is not open yet and answers the places (in `keys`) of the rest. Exact however many ask at once: whoever opens or
   * closes one of them at this moment is waited for, in the order of the key, so that nobody waits in a circle. A user whom the
   * directory does not know gets no to-do and has none open. No key twice.
   */
  async open(tx: Sql, keys: readonly OpenTodoKey[]): Promise<Set<number>> {
    if (keys.length === 0) return new Set();
    const rows = await tx.query<{ place: number }>(
      `WITH wanted AS MATERIALIZED (
         SELECT t.app COLLATE "C" AS app_id, decode(t.digest, 'hex') AS digest, t.user_id COLLATE "C" AS user_id, t.message_id, t.ord
           FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[]) WITH ORDINALITY AS t(app, digest, user_id, message_id, ord)
          WHERE (SELECT true FROM recipient r WHERE r.user_id = t.user_id)
       ), opened AS (
         INSERT INTO open_todo (app_id, digest, user_id, message_id)
         SELECT app_id, digest, user_id, message_id FROM wanted ORDER BY app_id, digest, user_id
         ON CONFLICT DO NOTHING RETURNING app_id, digest, user_id
       )
       SELECT w.ord::int - 1 AS place FROM wanted w
        WHERE NOT EXISTS (SELECT FROM opened o WHERE o.app_id = w.app_id AND o.digest = w.digest AND o.user_id = w.user_id)`,
      [
        keys.map((key) => key.appId),
        keys.map((key) => key.digest),
        keys.map((key) => key.userId),
        keys.map((key) => key.messageId),
      ],
    );
    return new Set(rows.map((row) => row.place));
  }

  /** Every to-do of messages that were not stored, or were called off. */
  async forget(tx: Sql, messageIds: readonly string[]): Promise<void> {
    if (messageIds.length === 0) return;
    await tx.query('DELETE FROM open_todo WHERE message_id = ANY($1::uuid[])', [messageIds]);
  }

  /** Those of people who were not fanned out and will not be. */
  async forgetUnsent(tx: Sql, messageId: string): Promise<void> {
    await tx.query(
      `DELETE FROM open_todo o USING message_state s
        WHERE o.message_id = $1 AND s.message_id = $1
          AND (s.cursor IS NULL OR s.cursor LIKE 'u:%' AND o.user_id > substr(s.cursor, 3) COLLATE "C")`,
      [messageId],
    );
  }
}
