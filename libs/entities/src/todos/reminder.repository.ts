import { Injectable } from '@nestjs/common';
import { INBOX_STATE } from '#contracts';
import { DatabaseClock } from '../connection/database-clock.js';
import { Database, type Sql } from '../connection/database.js';
import { newMessageId } from '../messages/message-id.js';

/** What a reminder could not deliver within this time, or until the next one, is not worth delivering. */
const LONGEST_LIFE = '24 hours';

const HAS_OPEN = `coalesce((SELECT true FROM delivery t
  WHERE t.message_id = w.message_id AND t.inbox_state = ${INBOX_STATE.open} LIMIT 1), false)`;

/** Reminders that are due and nobody else looks at; \`is_over\`: there is nobody left to remind. $1 how many */
const DUE = `
WITH due AS MATERIALIZED (
  SELECT id, message_id FROM work WHERE kind = 'remind' AND due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
SELECT w.id, w.message_id,
       m.id IS NULL OR s.cancel_requested_at IS NOT NULL OR coalesce(m.expires_at <= now(), false) OR NOT ${HAS_OPEN} AS is_over
  FROM due w LEFT JOIN message m ON m.id = w.message_id LEFT JOIN message_state s ON s.message_id = w.message_id`;

/**
 * One new message for each to-do, and its row is due again one interval later: those that passed meanwhile are left out. It says
 * what the to-do says, by the same channels but the portal, where the to-do itself stands.
 * $1 ids of work, $2 of the to-dos, $3 of the new messages
 */
const REMIND = `
WITH moved AS (
  UPDATE work w SET due_at = w.due_at + m.remind_every_s * (1 + floor(extract(epoch FROM now() - w.due_at) / m.remind_every_s))
                                        * interval '1 second'
    FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS k(work_id, todo_id, id) JOIN message m ON m.id = k.todo_id
   WHERE w.id = k.work_id AND w.id = ANY($1::bigint[])
  RETURNING k.id, w.message_id
), reminder AS MATERIALIZED (
  SELECT moved.id, m.id AS todo_id, m.client_app_id, m.door, m.priority, m.content, m.template_version_id, m.params,
         (m.plan - 'portalAtOnce' - 'smsSegments' - 'isOnce')
           || jsonb_build_object('steps', jsonb_path_query_array(m.plan->'steps', '$[*] ? (@.channel != "portal")')) AS plan,
         least(m.expires_at, now() + least(m.remind_every_s * interval '1 second', interval '${LONGEST_LIFE}')) AS expires_at
    FROM moved JOIN message m ON m.id = moved.message_id
), stored AS (
  INSERT INTO message (id, client_app_id, door, kind, priority, content, template_version_id, params, audience, plan, accepted_at,
                       expires_at, reminder_of)
  SELECT id, client_app_id, door, 'notice', priority, content, template_version_id, params,
         jsonb_build_object('openTodoOf', todo_id), plan, now(), expires_at, todo_id
    FROM reminder
), state AS (
  INSERT INTO message_state (message_id, status) SELECT id, 'accepted' FROM reminder
)
INSERT INTO work (kind, message_id, app_id, priority, due_at)
SELECT 'fan_out', id, client_app_id, priority, now() FROM reminder`;

/** Reminders of to-dos: a row of work for each to-do that has them, from the end of its fan-out until nobody has it open. */
@Injectable()
export class ReminderRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
  ) {}

  /** Sends what is due, at most for `limit` to-dos, in one transaction: a row that is claimed has been reminded of. Answers how many were due. */
  send(limit: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const due = await tx.query<{ id: number; message_id: string; is_over: boolean }>(DUE, [limit]);
      const over = due.filter((row) => row.is_over);
      const next = due.filter((row) => !row.is_over);
      if (over.length > 0) await tx.query('DELETE FROM work WHERE id = ANY($1::bigint[])', [over.map((row) => row.id)]);
      if (next.length > 0) {
        const newIds = next.map(() => newMessageId(this.clock.nowMs()));
        await tx.query(REMIND, [next.map((row) => row.id), next.map((row) => row.message_id), newIds]);
      }
      return due.length;
    });
  }

  /** A to-do that is open again is reminded of again, one interval from now. */
  async start(tx: Sql, todoId: string): Promise<void> {
    await tx.query(
      `INSERT INTO work (kind, message_id, app_id, priority, due_at)
       SELECT 'remind', m.id, m.client_app_id, m.priority, now() + m.remind_every_s * interval '1 second'
         FROM message m JOIN message_state s ON s.message_id = m.id
        WHERE m.id = $1 AND s.message_id = $1 AND m.remind_every_s IS NOT NULL AND s.cancel_requested_at IS NULL
          AND (m.expires_at IS NULL OR m.expires_at > now())
       ON CONFLICT (message_id) WHERE kind = 'remind' DO NOTHING`,
      [todoId],
    );
  }

  /** Nobody has it open: there is nothing to wait for. Where the last two are done at once, the row finds out when it is due. */
  async endIfDone(tx: Sql, todoId: string): Promise<void> {
    await tx.query(`DELETE FROM work w WHERE w.message_id = $1 AND w.kind = 'remind' AND NOT ${HAS_OPEN}`, [todoId]);
  }
}
