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

/**
 * What closes is remembered by its message, once for all its receivers: it may be opened again. The message comes last: whoever
 * has its row waits for no key any more. $1 messages, $2 users; null: all
 */
const CLOSE = `
WITH gone AS (
  DELETE FROM open_todo WHERE message_id = ANY($1::uuid[]) AND ($2::text[] IS NULL OR user_id = ANY($2::text[]))
  RETURNING message_id, digest
)
UPDATE message m SET todo_digest = g.digest FROM (SELECT DISTINCT message_id, digest FROM gone) g
 WHERE m.id = g.message_id AND m.id = ANY($1::uuid[]) AND m.todo_digest IS NULL`;

/** As `open`, with what the message remembers. $1 message, $2 users */
const REOPEN = `
WITH wanted AS MATERIALIZED (
  SELECT m.client_app_id COLLATE "C" AS app_id, m.todo_digest AS digest, u.user_id COLLATE "C" AS user_id
    FROM message m CROSS JOIN unnest($2::text[]) AS u(user_id)
   WHERE m.id = $1 AND m.todo_digest IS NOT NULL AND (SELECT true FROM recipient r WHERE r.user_id = u.user_id)
), opened AS (
  INSERT INTO open_todo (app_id, digest, user_id, message_id)
  SELECT app_id, digest, user_id, $1 FROM wanted ORDER BY app_id, digest, user_id
  ON CONFLICT DO NOTHING RETURNING user_id
)
SELECT user_id FROM wanted WHERE user_id NOT IN (SELECT user_id FROM opened)`;

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

  /** Every to-do of messages that were not stored, or were called off: those of them that are done may be opened again. */
  async forget(tx: Sql, messageIds: readonly string[]): Promise<void> {
    if (messageIds.length === 0) return;
    await tx.query(CLOSE, [messageIds, null]);
  }

  /** At the end of the transaction: who waits for one of the keys may hold an SMS budget. @param userIds null: everybody */
  async close(tx: Sql, messageId: string, userIds: readonly string[] | null): Promise<void> {
    await tx.query(CLOSE, [[messageId], userIds]);
  }

  /**
   * Takes the places of these users back and answers those who have an equal to-do open: theirs stays as it is. Whoever sends
   * one at this moment is waited for. Nobody is refused for a to-do that may be sent any number of times.
   * @param userIds who have closed it and whose rows are locked
   */
  async reopen(tx: Sql, messageId: string, userIds: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ user_id: string }>(REOPEN, [messageId, userIds]);
    return new Set(rows.map((row) => row.user_id));
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
