import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, INBOX_STATE, type DeliveryStatus } from '#contracts';
import { SmsBudgetRepository } from '../accounts/sms-budget.repository.js';
import { REFUNDED } from '../accounts/sms-budget.sql.js';
import type { Sql } from '../connection/database.js';
import { COUNTED, COUNTING } from '../messages/message-counters.sql.js';
import type { DeliveryKey } from './delivery-key.js';

/** What became of one delivery: the word that `settle` applies if it outranks what stands. */
export interface SettledOutcome {
  messageId: string;
  seq: number;
  status: DeliveryStatus;
  /** The chain goes on through this row: it is tried again, or its proof is awaited. */
  isOpen: boolean;
  /** The status callback hears of it. False for a failed step whose fallback has started. */
  isReported: boolean;
  /** Fallback rows opened for it in the same transaction. */
  opened?: number;
  /** Provider calls that led here (0 for timers and receipts). */
  attempts?: number;
  provider?: string | null;
  errorCode?: string | null;
  errorText?: string | null;
  /** ISO time of the event; default the database's now. */
  at?: string | null;
}

const S = DELIVERY_STATUS;

/**
 * Rank decides: a delivery moves up only. `retrying` may repeat itself; `expired`, `cancelled`, `suppressed` and `skipped`
 * close only what has not gone out.
 */
const OUTRANKS = `(
  CASE WHEN o.st = ${S.retrying} THEN o.from_status < ${S.sent}
       WHEN o.st IN (${S.expired}, ${S.cancelled}, ${S.suppressed}, ${S.skipped}) THEN o.from_status < ${S.sent}
       ELSE o.from_status / 10 < o.st / 10 END)`;

const sums = COUNTED.map(
  (name) => `sum((to_status = ${S[name]})::int - (from_status = ${S[name]})::int) AS ${name}`,
).join(', ');

/** Columns of `o`, the outcomes to apply, as JSON carries them. */
export const OUTCOME_COLUMNS =
  'm uuid, s int, st smallint, open boolean, rep boolean, opened int, inc int, prov text, code text, txt text, at timestamptz';

/**
 * SQL: applies the outcomes in `o` (OUTCOME_COLUMNS). Makes `moved`.
 *
 * A message of one delivery that nobody is to be told of is counted and completed here: its counter is nobody else's, and
 * the way through the feed would be three more rows. The report still hears of it, many messages in one row. Not so where a
 * fallback may have been counted through the feed: it would be completed before all of it is counted.
 *
 * Each row is found by its whole key, and what a CTE needs of an earlier one is carried along: planned while a partition
 * was empty, a join of two of them compares every row with every other.
 */
export const SETTLING = `
old AS MATERIALIZED (
  SELECT o.*, d.status AS from_status, d.is_open AS was_open
    FROM o JOIN delivery d ON d.message_id = o.m AND d.seq = o.s
   ORDER BY o.m, o.s FOR UPDATE OF d
), moved AS (
  UPDATE delivery d
     SET status = o.st, is_open = o.open, attempts = d.attempts + coalesce(o.inc, 0),
         provider = coalesce(o.prov, d.provider), error_code = o.code, error_text = left(o.txt, 500),
         sent_at = CASE WHEN o.st = ${S.sent} THEN coalesce(o.at, now()) ELSE d.sent_at END,
         delivered_at = CASE WHEN o.st = ${S.delivered} THEN coalesce(o.at, now()) ELSE d.delivered_at END,
         read_at = CASE WHEN o.st = ${S.read} THEN coalesce(o.at, now()) ELSE d.read_at END,
         settled_at = CASE WHEN o.st >= ${S.sent} THEN now() END,
         inbox_state = CASE WHEN d.inbox_state = ${INBOX_STATE.unread} AND o.st = ${S.read} THEN ${INBOX_STATE.read}
                            ELSE d.inbox_state END
    FROM old o
   WHERE d.message_id = o.m AND d.seq = o.s AND ${OUTRANKS}
  RETURNING d.message_id, d.seq, d.channel, o.from_status, d.status AS to_status, o.rep, d.error_code,
            d.segments IS NOT NULL AND d.status IN (${REFUNDED.join(', ')}) AS is_refunded, o.was_open::int - d.is_open::int - coalesce(o.opened, 0) AS ended
), told AS MATERIALIZED (
  SELECT v.*, m.client_app_id, m.status_callback IS NOT NULL AS has_callback,
         m.status_callback IS NULL AND m.plan->>'mode' IN ('list', 'all') AS may_be_single
    FROM moved v JOIN message m ON m.id = v.message_id
), change AS MATERIALIZED (
  SELECT message_id, sum(ended) AS ended, ${sums}
    FROM told WHERE to_status >= ${S.sent} AND may_be_single GROUP BY message_id
), single AS MATERIALIZED (
  SELECT c.* FROM change c JOIN message_state s ON s.message_id = c.message_id
   WHERE s.expected = 1 ORDER BY c.message_id FOR UPDATE OF s
), completed AS (
  UPDATE message_state s
     SET ${COUNTING}
    FROM single p WHERE s.message_id = p.message_id
), counted AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended, seqs)
  SELECT CASE WHEN t.message_id IN (SELECT message_id FROM single) THEN NULL ELSE t.message_id END AS counted_on, t.client_app_id, t.channel, t.from_status,
         t.to_status, count(*), sum(t.ended), CASE WHEN t.has_callback AND t.rep THEN array_agg(t.seq) END
    FROM told t
   WHERE t.to_status >= ${S.sent}
   GROUP BY counted_on, t.client_app_id, t.has_callback, t.channel, t.from_status, t.to_status, t.rep
), dead AS (
  INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs)
  SELECT 'delivery', client_app_id, channel, coalesce(error_code, 'unknown'), message_id, array_agg(seq)
    FROM told WHERE to_status IN (${S.failed}, ${S.unknown}, ${S.expired}) AND rep
   GROUP BY client_app_id, channel, error_code, message_id
)`;

const SETTLE = `
WITH o AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(${OUTCOME_COLUMNS})
), ${SETTLING}
SELECT message_id, seq, is_refunded FROM moved`;

/** The one way by which a delivery's status changes after it was inserted. */
@Injectable()
export class SettleRepository {
  constructor(private readonly budgets: SmsBudgetRepository) {}

  /**
   * Applies the outcomes that outrank what stands, appends their settlements and dead letters, in the caller's
   * transaction; gives back to SMS budgets what is not sent after all. Answers what moved. At most one outcome a delivery in one call.
   */
  async settle(tx: Sql, outcomes: readonly SettledOutcome[]): Promise<DeliveryKey[]> {
    if (outcomes.length === 0) return [];
    const rows = JSON.stringify(outcomes.map(outcomeRow));
    const moved = await tx.query<DeliveryKey & { is_refunded: boolean }>(SETTLE, [rows], 'settle');
    await this.budgets.refund(
      tx,
      moved.filter((row) => row.is_refunded),
    );
    return moved;
  }
}

/** An outcome as `o` wants it. */
export const outcomeRow = (outcome: SettledOutcome): Record<string, unknown> => ({
  m: outcome.messageId,
  s: outcome.seq,
  st: S[outcome.status],
  open: outcome.isOpen,
  rep: outcome.isReported,
  opened: outcome.opened ?? 0,
  inc: outcome.attempts ?? 0,
  prov: outcome.provider ?? null,
  code: outcome.errorCode ?? null,
  txt: outcome.errorText ?? null,
  at: outcome.at ?? null,
});
