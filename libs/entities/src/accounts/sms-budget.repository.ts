import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import type { DeliveryKey } from '../deliveries/delivery-key.js';
import { AlarmRepository } from './alarm.repository.js';
import { alarmsAt, alarmsOver, alarmsRaised, dayAlarmsOf, type BudgetLevel } from './sms-budget-alarms.js';
import { REFUNDED, TOTAL, dayOf } from './sms-budget.sql.js';

const TODAY = dayOf('now()');

export interface SegmentsOfApp {
  appId: string;
  segments: number;
}

/** Segments that were taken and are not used after all. */
export interface UnusedSegments {
  app_id: string;
  /** Day on which they were taken, `yyyy-mm-dd`. */
  day: string;
  segments: number;
}

export interface SegmentsOfDelivery extends SegmentsOfApp {
  messageId: string;
  seq: number;
}

export interface SegmentsUsed {
  total: number;
  today: number;
}

/**
 * SMS segments that apps with a quota have used: of the day in China and in total. They are taken once for a delivery: at the
 * acceptance of the message for people who are named by it and surely get an SMS, else just before the provider is called. The
 * rows of an app are locked by whoever takes or gives back until its transaction ends, after everything else it locks.
 */
@Injectable()
export class SmsBudgetRepository {
  constructor(
    private readonly database: Database,
    private readonly alarms: AlarmRepository,
  ) {}

  /** Apps that have a quota. */
  async limitedApps(): Promise<Set<string>> {
    const rows = await this.database.query<{ app_id: string }>(
      'SELECT app_id FROM client_app WHERE sms_quota_total IS NOT NULL OR sms_quota_per_day IS NOT NULL',
    );
    return new Set(rows.map((row) => row.app_id));
  }

  /** What apps have used so far; those that are missing have used nothing. */
  async usedBy(appIds: readonly string[]): Promise<Map<string, SegmentsUsed>> {
    const rows = await this.database.query<SegmentsUsed & { app_id: string }>(
      `SELECT app_id, coalesce(sum(used) FILTER (WHERE period = ${TOTAL}), 0)::float8 AS total,
              coalesce(sum(used) FILTER (WHERE period = ${TODAY}), 0)::float8 AS today
         FROM sms_budget WHERE app_id = ANY($1::text[]) AND period IN (${TOTAL}, ${TODAY}) GROUP BY app_id`,
      [appIds],
    );
    return new Map(rows.map(({ app_id: appId, total, today }) => [appId, { total, today }]));
  }

  /**
   * Takes what fits, in the order of the asks, each whole or not at all. Answers in the same order what was taken. Exact
   * however many ask at once: the others wait until `tx` has ended.
   */
  async reserve(tx: Sql, asks: readonly SegmentsOfApp[]): Promise<boolean[]> {
    const levels = await this.lock(tx, [...new Set(asks.map((ask) => ask.appId))]);
    const taken = new Map<string, number>();
    const answers = asks.map(({ appId, segments }) => {
      const used = (taken.get(appId) ?? 0) + segments;
      const isCovered = levels.every(
        (level) => level.app_id !== appId || level.quota === null || level.used + used <= level.quota,
      );
      if (isCovered) taken.set(appId, used);
      return isCovered;
    });
    if (taken.size === 0) return answers;
    await tx.query(
      `UPDATE sms_budget b SET used = b.used + t.segments FROM unnest($1::text[], $2::int[]) AS t(app_id, segments)
        WHERE b.app_id = t.app_id COLLATE "C" AND b.period IN (${TOTAL}, ${TODAY})`,
      [[...taken.keys()], [...taken.values()]],
    );
    for (const level of levels) {
      const after = { ...level, used: level.used + (taken.get(level.app_id) ?? 0) };
      for (const { subject, detail, data } of alarmsRaised(after, level.used))
        await this.alarms.raise(tx, 'sms_budget', subject, detail, data);
    }
    return answers;
  }

  /**
   * Takes for deliveries that are about to be sent, where it was not done before; in their order. Answers those that are
   * covered. A crash of the database may forget it together with the call: the delivery is then taken up and counted again.
   */
  take(deliveries: readonly SegmentsOfDelivery[]): Promise<DeliveryKey[]> {
    return this.database.forgettable(async (tx) => {
      const open = await this.untaken(tx, deliveries);
      const asks = deliveries.filter(({ messageId, seq }) => open.has(`${messageId}/${seq}`));
      const answers = asks.length > 0 ? await this.reserve(tx, asks) : [];
      const taken = asks.filter((_, place) => answers[place]);
      if (taken.length > 0) {
        await tx.query(
          `UPDATE delivery d SET segments = t.segments, segments_day = ${TODAY}
             FROM unnest($1::uuid[], $2::int[], $5::smallint[]) AS t(m, s, segments)
            WHERE d.message_id = t.m AND d.seq = t.s AND d.message_id BETWEEN $3 AND $4`,
          [...keysOf(taken), taken.map((t) => t.segments)],
        );
      }
      const refused = new Set(asks.filter((_, place) => !answers[place]));
      return deliveries
        .filter((delivery) => !refused.has(delivery))
        .map(({ messageId, seq }) => ({ message_id: messageId, seq }));
    });
  }

  /** Gives back what was taken for these deliveries, once, where they ended without an SMS. In the transaction that ended them. */
  async refund(tx: Sql, ended: readonly DeliveryKey[]): Promise<void> {
    if (ended.length === 0) return;
    const unused = await tx.query<UnusedSegments>(
      `WITH taken AS MATERIALIZED (
         SELECT d.message_id, d.seq, d.segments, d.segments_day FROM unnest($1::uuid[], $2::int[]) AS k(m, s)
           JOIN delivery d ON d.message_id = k.m AND d.seq = k.s AND d.message_id BETWEEN $3 AND $4
          WHERE d.segments IS NOT NULL AND d.status = ANY($5::smallint[])
          ORDER BY d.message_id, d.seq FOR UPDATE OF d
       ), cleared AS (
         UPDATE delivery d SET segments = NULL, segments_day = NULL FROM taken t
          WHERE d.message_id = t.message_id AND d.seq = t.seq AND d.message_id BETWEEN $3 AND $4
       )
       SELECT m.client_app_id AS app_id, t.segments_day::text AS day, sum(t.segments)::int AS segments
         FROM taken t JOIN message m ON m.id = t.message_id AND m.id BETWEEN $3 AND $4
        GROUP BY m.client_app_id, t.segments_day`,
      [...keysOf(ended.map(({ message_id: messageId, seq }) => ({ messageId, seq }))), REFUNDED],
    );
    await this.giveBack(tx, unused);
  }

  /** Gives back what a message took at its acceptance for people who were not fanned out and will not be. */
  async refundUnsent(tx: Sql, messageId: string): Promise<void> {
    const unused = await tx.query<UnusedSegments>(
      `SELECT m.client_app_id AS app_id, ${dayOf('m.accepted_at')}::text AS day, sum(x.segments)::int AS segments
         FROM message m JOIN message_state s ON s.message_id = m.id CROSS JOIN LATERAL (
           SELECT u."smsSegments" AS segments
             FROM jsonb_to_recordset(m.audience->'users') AS u(id text, "smsSegments" int)
            WHERE s.cursor IS NULL OR s.cursor LIKE 'u:%' AND u.id COLLATE "C" > substr(s.cursor, 3)
           UNION ALL
           SELECT (a.value->>'smsSegments')::int FROM jsonb_array_elements(m.audience->'addresses') WITH ORDINALITY AS a(value, ord)
            WHERE s.cursor IS NULL OR s.cursor LIKE 'u:%' OR a.ord > substr(s.cursor, 3)::int
         ) x
        WHERE m.id = $1 AND m.plan ? 'smsSegments' AND x.segments IS NOT NULL GROUP BY m.client_app_id, m.accepted_at`,
      [messageId],
    );
    await this.giveBack(tx, unused);
  }

  /** Gives back what this very transaction has taken. */
  async giveBackToday(tx: Sql, unused: readonly SegmentsOfApp[]): Promise<void> {
    if (unused.length === 0) return;
    const [row] = await tx.query<{ day: string }>(`SELECT ${TODAY}::text AS day`);
    await this.giveBack(
      tx,
      unused.map(({ appId, segments }) => ({ app_id: appId, day: row?.day ?? '', segments })),
    );
  }

  /** Never below nothing: an app that was removed and registered again starts anew. */
  async giveBack(tx: Sql, unused: readonly UnusedSegments[]): Promise<void> {
    if (unused.length === 0) return;
    const levels = await tx.query<BudgetLevel>(
      `WITH back AS (
         SELECT app_id COLLATE "C" AS app_id, period, sum(segments) AS segments
           FROM unnest($1::text[], $2::date[], $3::int[]) AS t(app_id, day, segments)
          CROSS JOIN LATERAL (VALUES (day), (${TOTAL})) AS p(period) GROUP BY 1, 2
       ), locked AS MATERIALIZED (
         SELECT b.app_id, b.period, back.segments FROM back JOIN sms_budget b ON b.app_id = back.app_id AND b.period = back.period
          ORDER BY b.app_id, b.period FOR UPDATE OF b
       ), lowered AS (
         UPDATE sms_budget b SET used = greatest(b.used - l.segments, 0) FROM locked l
          WHERE b.app_id = l.app_id AND b.period = l.period RETURNING b.app_id, b.period, b.used
       )
       ${levelsOf('lowered')} WHERE l.period IN (${TOTAL}, ${TODAY})`,
      [unused.map((u) => u.app_id), unused.map((u) => u.day), unused.map((u) => u.segments)],
    );
    await this.alarms.clear(tx, ['sms_budget'], levels.flatMap(alarmsOver));
  }

  /** Alarms after the quota of an app was changed. */
  async review(tx: Sql, appId: string): Promise<void> {
    const levels = await tx.query<BudgetLevel>(
      `${levelsOf('sms_budget')} WHERE l.app_id = $1 AND l.period IN (${TOTAL}, ${TODAY})`,
      [appId],
    );
    await this.alarms.clear(tx, ['sms_budget'], levels.flatMap(alarmsOver));
    for (const { subject, detail, data } of levels.flatMap(alarmsAt))
      await this.alarms.raise(tx, 'sms_budget', subject, detail, data);
  }

  /** With a removed app goes what it used. */
  async forget(tx: Sql, appId: string): Promise<void> {
    await tx.query('DELETE FROM sms_budget WHERE app_id = $1', [appId]);
  }

  /** Both rows of each app, made where they are missing. */
  private async lock(tx: Sql, appIds: readonly string[]): Promise<BudgetLevel[]> {
    const levels = await this.lockThose(tx, appIds);
    if (levels.length === appIds.length * 2) return levels;
    const made = await tx.query<{ app_id: string; is_total: boolean }>(
      `INSERT INTO sms_budget (app_id, period)
       SELECT a, p FROM unnest($1::text[]) AS a CROSS JOIN (VALUES (${TOTAL}), (${TODAY})) AS t(p) ORDER BY 1, 2
       ON CONFLICT DO NOTHING RETURNING app_id, period = ${TOTAL} AS is_total`,
      [appIds],
    );
    const withNewDay = made.filter((row) => !row.is_total).flatMap((row) => dayAlarmsOf(row.app_id));
    if (withNewDay.length > 0) await this.alarms.clear(tx, ['sms_budget'], withNewDay);
    return this.lockThose(tx, appIds);
  }

  private lockThose(tx: Sql, appIds: readonly string[]): Promise<BudgetLevel[]> {
    return tx.query<BudgetLevel>(
      `${levelsOf('sms_budget')} WHERE l.app_id = ANY($1::text[]) AND l.period IN (${TOTAL}, ${TODAY})
        ORDER BY l.app_id, l.period FOR UPDATE OF l`,
      [appIds],
    );
  }

  private async untaken(tx: Sql, deliveries: readonly SegmentsOfDelivery[]): Promise<Set<string>> {
    const rows = await tx.query<DeliveryKey>(
      `SELECT d.message_id, d.seq FROM unnest($1::uuid[], $2::int[]) AS k(m, s)
         JOIN delivery d ON d.message_id = k.m AND d.seq = k.s AND d.message_id BETWEEN $3 AND $4
        WHERE d.segments IS NULL ORDER BY d.message_id, d.seq FOR UPDATE OF d`,
      keysOf(deliveries),
    );
    return new Set(rows.map((row) => `${row.message_id}/${row.seq}`));
  }
}

/** $1 message ids, $2 seqs, $3 and $4 the smallest and the largest id: what keeps a statement to its partitions. */
function keysOf(deliveries: readonly { messageId: string; seq: number }[]): unknown[] {
  const ids = deliveries.map(({ messageId }) => messageId);
  const sorted = [...ids].sort();
  return [ids, deliveries.map(({ seq }) => seq), sorted[0], sorted.at(-1)];
}

/** SQL: rows of `sms_budget` (as `l`) with the quota each is measured by. */
const levelsOf = (source: string): string =>
  `SELECT l.app_id, l.period = ${TOTAL} AS is_total, l.used,
          CASE WHEN l.period = ${TOTAL} THEN a.sms_quota_total ELSE a.sms_quota_per_day END AS quota
     FROM ${source} l LEFT JOIN client_app a ON a.app_id = l.app_id`;
