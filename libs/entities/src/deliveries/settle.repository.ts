import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, type DeliveryStatus } from '#contracts';
import type { Sql } from '../connection/database.js';

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

export interface DeliveryKey {
  message_id: string;
  seq: number;
}

const S = DELIVERY_STATUS;

/**
 * Rank decides: a delivery moves up only. `retrying` may repeat itself; `expired`, `cancelled`, `suppressed` and `skipped`
 * close only what has not gone out.
 */
const OUTRANKS = `(
  CASE WHEN o.st = ${S.retrying} THEN old.status < ${S.sent}
       WHEN o.st IN (${S.expired}, ${S.cancelled}, ${S.suppressed}, ${S.skipped}) THEN old.status < ${S.sent}
       ELSE old.status / 10 < o.st / 10 END)`;

const SETTLE = `
WITH o AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
    m uuid, s int, st smallint, open boolean, rep boolean, opened int, inc int, prov text, code text, txt text, at timestamptz)
), old AS MATERIALIZED (
  SELECT d.message_id, d.seq, d.status, d.is_open FROM o JOIN delivery d ON d.message_id = o.m AND d.seq = o.s
   WHERE d.message_id BETWEEN $2 AND $3 ORDER BY d.message_id, d.seq FOR UPDATE OF d
), moved AS (
  UPDATE delivery d
     SET status = o.st, is_open = o.open, attempts = d.attempts + coalesce(o.inc, 0),
         provider = coalesce(o.prov, d.provider), error_code = o.code, error_text = left(o.txt, 500),
         sent_at = CASE WHEN o.st = ${S.sent} THEN coalesce(o.at, now()) ELSE d.sent_at END,
         delivered_at = CASE WHEN o.st = ${S.delivered} THEN coalesce(o.at, now()) ELSE d.delivered_at END,
         read_at = CASE WHEN o.st = ${S.read} THEN coalesce(o.at, now()) ELSE d.read_at END,
         settled_at = CASE WHEN o.st >= ${S.sent} THEN now() END
    FROM o JOIN old ON old.message_id = o.m AND old.seq = o.s
   WHERE d.message_id = o.m AND d.seq = o.s AND d.message_id BETWEEN $2 AND $3 AND ${OUTRANKS}
  RETURNING d.message_id, d.seq, d.channel, old.status AS from_status, d.status AS to_status, o.rep, d.error_code,
            old.is_open::int - d.is_open::int - coalesce(o.opened, 0) AS ended
), counted AS (
  INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended, seqs)
  SELECT v.message_id, m.client_app_id, v.channel, v.from_status, v.to_status, count(*), sum(v.ended),
         CASE WHEN m.status_callback IS NOT NULL AND v.rep THEN array_agg(v.seq) END
    FROM moved v JOIN message m ON m.id = v.message_id AND m.id BETWEEN $2 AND $3
   WHERE v.to_status >= ${S.sent}
   GROUP BY v.message_id, m.client_app_id, m.status_callback, v.channel, v.from_status, v.to_status, v.rep
), dead AS (
  INSERT INTO dead_letter (kind, app_id, channel, cause, message_id, seqs)
  SELECT 'delivery', m.client_app_id, v.channel, coalesce(v.error_code, 'unknown'), v.message_id, array_agg(v.seq)
    FROM moved v JOIN message m ON m.id = v.message_id AND m.id BETWEEN $2 AND $3
   WHERE v.to_status IN (${S.failed}, ${S.unknown}, ${S.expired}) AND v.rep
   GROUP BY m.client_app_id, v.channel, v.error_code, v.message_id
)
SELECT message_id, seq FROM moved`;

/** The one way by which a delivery's status changes after it was inserted. */
@Injectable()
export class SettleRepository {
  /**
   * Applies the outcomes that outrank what stands, appends their settlements and dead letters, in the caller's
   * transaction. Answers what moved. At most one outcome a delivery in one call.
   */
  async settle(tx: Sql, outcomes: readonly SettledOutcome[]): Promise<DeliveryKey[]> {
    if (outcomes.length === 0) return [];
    const ids = outcomes.map((outcome) => outcome.messageId).sort();
    return tx.query<DeliveryKey>(SETTLE, [JSON.stringify(outcomes.map(toRow)), ids[0], ids.at(-1)], 'settle');
  }
}

const toRow = (outcome: SettledOutcome): Record<string, unknown> => ({
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
