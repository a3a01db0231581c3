import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, DEVICE_STEP, STEPS_PER_RECIPIENT } from '#contracts';
import { Database, FORGETTABLE } from '../connection/database.js';
import { COUNTED, COUNTING } from '../messages/message-counters.sql.js';
import { CALLBACK_ITEMS } from './callback-items.js';

const S = DELIVERY_STATUS;
/** Settlements of one transaction. */
const FOLD_SIZE = 2000;

const sums = COUNTED.map(
  (name) =>
    `sum(CASE WHEN to_status = ${S[name]} THEN count ELSE 0 END - CASE WHEN from_status = ${S[name]} THEN count ELSE 0 END)::int AS ${name}`,
).join(', ');
const statusName = `CASE d_status ${Object.entries(S)
  .map(([name, code]) => `WHEN ${code} THEN '${name}'`)
  .join(' ')} END`;

/** SQL: whom a callback names: a person, or what the caller named instead of one (an address, a device). */
const UID = `CASE WHEN d.recipient = '' THEN d.address
              WHEN d.channel = 'push' AND d.seq % ${STEPS_PER_RECIPIENT} >= ${DEVICE_STEP} AND d.address <> '' THEN d.address
              ELSE d.recipient END`;

const HOURLY = `
hourly AS (
  INSERT INTO report_hour AS h (hour, app_id, channel, status, count)
  SELECT date_trunc('hour', at), app_id, channel, to_status, sum(count) FROM gone GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (hour, app_id, channel, status) DO UPDATE SET count = h.count + excluded.count
)`;

/** What is counted on its message already: the report alone is left, and a statement so small is planned in no time. */
const FOLD_REPORT = `
WITH forgettable AS MATERIALIZED (
  ${FORGETTABLE}
), taken AS MATERIALIZED (
  SELECT s.id FROM settlement s CROSS JOIN forgettable
   WHERE s.message_id IS NULL ORDER BY s.id LIMIT ${FOLD_SIZE} FOR UPDATE OF s SKIP LOCKED
), gone AS (
  DELETE FROM settlement WHERE id = ANY(ARRAY(SELECT id FROM taken)) RETURNING *
), ${HOURLY}
SELECT (SELECT count(*) FROM gone)::int AS folded, EXISTS (SELECT FROM settlement WHERE message_id IS NOT NULL) AS "hasMore"`;

const FOLD = `
WITH forgettable AS MATERIALIZED (
  ${FORGETTABLE}
), taken AS MATERIALIZED (
  SELECT s.id FROM settlement s CROSS JOIN forgettable ORDER BY s.id LIMIT ${FOLD_SIZE} FOR UPDATE OF s SKIP LOCKED
), gone AS (
  DELETE FROM settlement WHERE id = ANY(ARRAY(SELECT id FROM taken)) RETURNING *
), per_message AS MATERIALIZED (
  SELECT message_id, sum(ended)::int AS ended, ${sums} FROM gone WHERE message_id IS NOT NULL GROUP BY message_id
), locked AS MATERIALIZED (
  SELECT s.message_id FROM message_state s JOIN per_message p ON p.message_id = s.message_id
   WHERE s.message_id BETWEEN (SELECT min(message_id::text)::uuid FROM per_message) AND (SELECT max(message_id::text)::uuid FROM per_message)
   ORDER BY s.message_id FOR UPDATE OF s
), folded AS (
  UPDATE message_state s
     SET ${COUNTING}
    FROM per_message p JOIN locked l ON l.message_id = p.message_id
   WHERE s.message_id = p.message_id
  RETURNING s.message_id
), ${HOURLY}, item AS (
  SELECT g.message_id, g.app_id, m.status_callback AS url, ${UID} AS uid, d.channel, d.error_code, g.at, g.to_status AS d_status,
         (row_number() OVER (PARTITION BY g.message_id ORDER BY g.id, d.seq) - 1) / ${CALLBACK_ITEMS} AS slice
    FROM gone g CROSS JOIN LATERAL unnest(g.seqs) AS u(seq)
    JOIN message m ON m.id = g.message_id
    JOIN delivery d ON d.message_id = g.message_id AND d.seq = u.seq
   WHERE g.seqs IS NOT NULL
), called AS (
  INSERT INTO callback (message_id, app_id, url, items)
  SELECT message_id, app_id, url, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
           'ref_no', message_id, 'uid', uid, 'channel', channel,
           'status', ${statusName}, 'at', at, 'error', error_code)) ORDER BY at)
    FROM item WHERE url IS NOT NULL GROUP BY message_id, app_id, url, slice
  RETURNING 1
)
SELECT (SELECT count(*) FROM gone)::int AS folded, (SELECT count(*) FROM called)::int AS callbacks`;

export interface FoldResult {
  folded: number;
  callbacks: number;
}

/** Settlement deltas → counters of the message, time series, callbacks; completes messages. */
@Injectable()
export class FoldRepository {
  constructor(private readonly database: Database) {}

  /** `folded === 0`: nothing waits (or others are at it). */
  async fold(): Promise<FoldResult> {
    const [report] = await this.database.query<{ folded: number; hasMore: boolean }>(FOLD_REPORT);
    const folded = report?.folded ?? 0;
    if (!report?.hasMore) return { folded, callbacks: 0 };
    const [row] = await this.database.query<FoldResult>(FOLD);
    return { folded: folded + (row?.folded ?? 0), callbacks: row?.callbacks ?? 0 };
  }
}
