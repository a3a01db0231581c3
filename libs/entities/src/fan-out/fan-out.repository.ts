import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { SmsBudgetRepository, type UnusedSegments } from '../accounts/sms-budget.repository.js';
import { OpenTodoRepository } from '../messages/open-todo.repository.js';
import { CHUNKS, partsOf, toResult, type ChunkResult, type LockedMessage } from './audience-chunks.js';
import { isKnown } from './audience-page.sql.js';
import { placeAt } from './audience-parts.js';
import { CHOOSE_STEPS, fromAddresses, insertDeliveries } from './choose-steps.sql.js';
import { fromTokens } from './device-audience.sql.js';
import { HANDOVER_S, IS_DONE, M_COLUMNS, REMINDING } from './fan-out-end.sql.js';

/** New work of one message and channel: at most 200 deliveries. */
export interface NewWork {
  id: number;
  channel: string;
  app_id: string;
  priority: number;
  size: number;
}

export interface SmallFanOut {
  /** Messages that are fanned out; the others of the call are large, gone, or in other hands. */
  handled: string[];
  work: NewWork[];
  /** Something ended at once: reporting has settlements to fold. */
  hasSettlements: boolean;
}

/** Audiences up to this size are fanned out together, one statement for all messages of a doorbell. */
const SMALL_AUDIENCE = 200;
/**
 * Ends the fan-out of the messages in `total`/`m`: from here on `ended` is compared with `expected`.
 * A message that reaches nobody, or whose every chain has ended and been folded already, is completed here.
 * `IS TRUE` keeps the planner from reading all fan-out work there is through the index on kinds.
 */
const FINISH_SMALL = `
finished AS (
  UPDATE message_state s
     SET chains = s.chains + coalesce(t.chains, 0), expected = s.chains + coalesce(t.chains, 0),
         next_ordinal = coalesce(t.next_ordinal, s.next_ordinal), dispatched_at = now(),
         status = CASE WHEN ${IS_DONE} THEN 'completed' ELSE 'dispatched' END,
         completed_at = CASE WHEN ${IS_DONE} THEN now() END
    FROM m LEFT JOIN total t ON t.message_id = m.id
   WHERE s.message_id = m.id
  RETURNING s.message_id
), done AS (
  DELETE FROM work WHERE (kind = 'fan_out') IS TRUE AND message_id = ANY(ARRAY(SELECT message_id FROM finished))
), reminding AS (${REMINDING}
)`;

const SMALL = `
WITH locked AS MATERIALIZED (
  SELECT message_id FROM message_state
   WHERE message_id = ANY($1::uuid[]) AND message_id BETWEEN $2 AND $3
     AND status IN ('accepted', 'scheduled') AND cursor IS NULL AND cancel_requested_at IS NULL
   ORDER BY message_id FOR UPDATE SKIP LOCKED
), m AS MATERIALIZED (
  SELECT ${M_COLUMNS}, size.users AS device_base, size.users + size.tokens AS base
    FROM locked JOIN message msg ON msg.id = locked.message_id
   CROSS JOIN LATERAL (
     SELECT coalesce(jsonb_array_length(msg.audience->'users'), 0) AS users,
            coalesce(jsonb_array_length(msg.audience->'devices'->'tokens'), 0) AS tokens
   ) size
   WHERE NOT msg.audience ?| ARRAY['tagIds', 'orgUnits', 'all', 'openTodoOf']
     AND NOT coalesce(msg.audience->'devices' ?| ARRAY['users', 'orgUnits'], false)
     AND size.users + size.tokens + coalesce(jsonb_array_length(msg.audience->'addresses'), 0) <= ${SMALL_AUDIENCE}
     AND (msg.send_at IS NULL OR msg.send_at <= now()) AND (msg.expires_at IS NULL OR msg.expires_at > now())
     AND (msg.plan ? 'smsSegments') = $4
), candidate AS MATERIALIZED (
  SELECT m.id AS message_id, (row_number() OVER (PARTITION BY m.id ORDER BY u.id))::int - 1 AS ordinal,
         u.id COLLATE "C" AS user_id, u.params, u."smsSegments" AS segments,
         ${isKnown({ has_users: true }, 'u.id')} AS is_known
    FROM m CROSS JOIN LATERAL jsonb_to_recordset(m.audience->'users') AS u(id text, params jsonb, "smsSegments" smallint)
), ${CHOOSE_STEPS}, ${fromTokens('m.device_base', 'true')}, ${fromAddresses('true')}, picked AS (
  SELECT * FROM from_directory UNION ALL SELECT * FROM from_tokens UNION ALL SELECT * FROM from_addresses
), ${insertDeliveries(`now() + interval '${HANDOVER_S} seconds'`)}, ${FINISH_SMALL}
SELECT coalesce((SELECT json_agg(message_id) FROM finished), '[]') AS handled,
       coalesce((SELECT json_agg(w) FROM added_work w), '[]') AS work,
       coalesce((SELECT json_agg(u) FROM unused u), '[]') AS unused,
       EXISTS (SELECT FROM ended) AS "hasSettlements",
       CASE WHEN (SELECT count(*) FROM locked) > (SELECT count(*) FROM m)
            THEN EXISTS (SELECT FROM locked JOIN message msg ON msg.id = locked.message_id WHERE msg.plan ? 'smsSegments')
            ELSE false END AS "hasCounted"`;

interface SmallFanOutRow extends SmallFanOut {
  unused: UnusedSegments[];
  /** Some of those that were left took SMS segments. */
  hasCounted: boolean;
}

/** One message → deliveries, in SQL. Recipients are never loaded into this process. */
@Injectable()
export class FanOutRepository {
  constructor(
    private readonly database: Database,
    private readonly budgets: SmsBudgetRepository,
    private readonly openTodos: OpenTodoRepository,
  ) {}

  /** Fans out every small message of the list in one statement (= one transaction), those that took SMS segments in another. */
  async fanOutSmall(messageIds: readonly string[]): Promise<SmallFanOut> {
    const { hasCounted, unused: _, ...first } = await fanOutTogether(this.database.keyed, messageIds, false);
    if (!hasCounted) return first;
    const handled = new Set(first.handled);
    const left = messageIds.filter((messageId) => !handled.has(messageId));
    const second = await this.database.plannedOnce(async (tx) => {
      const { unused, ...rest } = await fanOutTogether(tx, left, true);
      await this.budgets.giveBack(tx, unused);
      return rest;
    });
    return {
      handled: [...first.handled, ...second.handled],
      work: [...first.work, ...second.work],
      hasSettlements: first.hasSettlements || second.hasSettlements,
    };
  }

  /** The apps of messages, by message id. */
  async appsOf(messageIds: readonly string[]): Promise<Map<string, string>> {
    const sorted = [...messageIds].sort();
    const rows = await this.database.query<{ id: string; app_id: string }>(
      'SELECT id, client_app_id AS app_id FROM message WHERE id = ANY($1::uuid[]) AND id BETWEEN $2 AND $3',
      [sorted, sorted[0], sorted.at(-1)],
    );
    return new Map(rows.map((row) => [row.id, row.app_id]));
  }

  /** The next chunk of a large audience in one transaction, from where the cursor stands. Resumable by anyone. */
  async fanOutChunk(messageId: string): Promise<ChunkResult> {
    // A forgotten chunk is forgotten with its cursor and its work. Waiting for the disk would be a tenth of the time.
    return this.database.forgettable(async (tx) => {
      const message = await lock(tx, messageId);
      if (!message || !message.is_due) return { state: 'gone', inserted: 0, hasWork: false };
      if (message.is_cancelled || message.is_expired) {
        await this.openTodos.forgetUnsent(tx, messageId);
        await this.budgets.refundUnsent(tx, messageId);
        return finishEarly(tx, messageId, message.is_cancelled ? null : 'expired');
      }
      const place = placeAt(message.cursor, partsOf(message));
      const row = await CHUNKS[place.part](tx, messageId, message, place);
      await this.budgets.giveBack(tx, row?.unused ?? []);
      return toResult(row);
    });
  }
}

/** @param tookSegments of messages with segments taken at acceptance, or of those without */
async function fanOutTogether(sql: Sql, messageIds: readonly string[], tookSegments: boolean): Promise<SmallFanOutRow> {
  const sorted = [...messageIds].sort();
  const [row] = await sql.query<SmallFanOutRow>(
    SMALL,
    [sorted, sorted[0], sorted.at(-1), tookSegments],
    'fan_out_small',
  );
  return row ?? { handled: [], work: [], hasSettlements: false, unused: [], hasCounted: false };
}

/** Waits its turn: whoever counts what has ended, or cancels, holds the row for a moment only. */
async function lock(tx: Sql, messageId: string): Promise<LockedMessage | undefined> {
  const [row] = await tx.query<LockedMessage>(
    `SELECT s.status, s.cursor, s.cancel_requested_at IS NOT NULL AS is_cancelled,
            coalesce(m.expires_at <= now(), false) AS is_expired, coalesce(m.send_at <= now(), true) AS is_due,
            coalesce(m.audience ? 'users', false) AS has_users, m.audience->'tagIds' AS tag_ids,
            m.audience->'orgUnits' AS org_units, coalesce((m.audience->>'all')::boolean, false) AS has_all,
            (m.audience->>'openTodoOf')::uuid AS todo_id,
            coalesce(jsonb_array_length(m.audience->'devices'->'tokens'), 0) AS tokens,
            coalesce(m.audience->'devices' ? 'users', false) AS has_owners, m.audience->'devices'->'orgUnits' AS device_org_units,
            coalesce(jsonb_array_length(m.audience->'addresses'), 0) AS addresses,
            m.plan->'steps' @> '[{"channel":"portal"}]' AND jsonb_array_length(m.plan->'steps') = 1
              AND NOT coalesce((m.plan->>'portalAtOnce')::boolean, false) AS is_portal_only
       FROM message_state s JOIN message m ON m.id = s.message_id
      WHERE s.message_id = $1 AND s.status IN ('accepted', 'scheduled', 'dispatching')
        FOR UPDATE OF s`,
    [messageId],
  );
  return row;
}

/** Ends a fan-out that must not go on. Cancelled: what exists is settled by the cancel work. */
async function finishEarly(tx: Sql, messageId: string, status: 'expired' | null): Promise<ChunkResult> {
  await tx.query(
    `UPDATE message_state
        SET expected = chains, dispatched_at = now(),
            status = coalesce($2, CASE WHEN ended >= chains THEN 'cancelled' ELSE 'dispatched' END),
            completed_at = CASE WHEN $2 IS NOT NULL OR ended >= chains THEN now() END
      WHERE message_id = $1`,
    [messageId, status],
  );
  await tx.query(`DELETE FROM work WHERE kind = 'fan_out' AND message_id = $1`, [messageId]);
  return { state: 'finished', inserted: 0, hasWork: false };
}
