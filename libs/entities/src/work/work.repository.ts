import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { HANDOVER_S } from '../fan-out/fan-out.repository.js';

/** A worker holds work this long without renewing. */
export const LEASE_S = 30;
const MAX_ROWS_PER_TICK = 12_800;

/** Work that left the table's due side and must now be published. */
export interface HandedOver {
  id: number;
  app_id: string;
  size: number;
}

/** Work held by this worker until it settles, releases or loses it. */
export interface ClaimedWork {
  id: number;
  message_id: string;
  app_id: string;
  channel: Channel;
  priority: number;
  seqs: number[];
  attempts: number;
  claims: number;
  expires_at: Date | null;
  is_expired: boolean;
  /** Epoch ms when the channel was first tried. */
  started_ms: number;
}

export type DueKind = 'fan_out' | 'proof' | 'cancel';

export interface DueWork {
  id: number;
  message_id: string;
  channel: string;
  seqs: number[];
}

/**
 * Distinct apps by a loose index scan; of each the due work by priority; interleaved by deliveries already taken, so
 * that an app with a million waits behind nobody and nobody waits behind it.
 */
const HAND_OVER = `
WITH RECURSIVE app AS (
  (SELECT app_id FROM work WHERE kind = 'deliver' AND channel = $1 ORDER BY app_id LIMIT 1)
  UNION ALL
  SELECT (SELECT w.app_id FROM work w WHERE w.kind = 'deliver' AND w.channel = $1 AND w.app_id > app.app_id
           ORDER BY w.app_id LIMIT 1)
    FROM app WHERE app.app_id IS NOT NULL
), candidate AS MATERIALIZED (
  SELECT w.* FROM app CROSS JOIN (VALUES (0), (1), (2)) AS p(priority)
   CROSS JOIN LATERAL (
     SELECT id, app_id, priority, due_at, cardinality(seqs) AS size FROM work
      WHERE kind = 'deliver' AND channel = $1 AND app_id = app.app_id AND priority = p.priority AND due_at <= now()
      ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) w
   WHERE app.app_id IS NOT NULL
), ordered AS (
  SELECT id, app_id, size, sum(size) OVER (PARTITION BY app_id ORDER BY priority, due_at, id) AS of_app FROM candidate
), taken AS MATERIALIZED (
  SELECT id FROM (SELECT id, size, sum(size) OVER (ORDER BY of_app, app_id, id) AS total FROM ordered) t
   WHERE total - size < $2
)
UPDATE work SET due_at = now() + interval '${HANDOVER_S} seconds', lease_token = NULL
 WHERE id = ANY(ARRAY(SELECT id FROM taken))
RETURNING id, app_id, cardinality(seqs) AS size`;

/** The small table of what is due: retry timer, lease, outbox, schedule and reconciler in one. */
@Injectable()
export class WorkRepository {
  constructor(private readonly database: Database) {}

  /** Takes due work of one channel, fairly over the client apps. @param deliveries most deliveries to take */
  handOver(channel: Channel, deliveries: number): Promise<HandedOver[]> {
    const rows = Math.min(deliveries, MAX_ROWS_PER_TICK);
    return this.database.query<HandedOver>(HAND_OVER, [channel, deliveries, rows]);
  }

  /** Puts handed-over work back: it is due now. For what could not be published. */
  async handBack(workIds: readonly number[]): Promise<void> {
    await this.database.query('UPDATE work SET due_at = now() WHERE id = ANY($1::bigint[]) AND lease_token IS NULL', [
      workIds,
    ]);
  }

  /** Channels that have work due, and the age in seconds of the oldest. */
  async dueChannels(): Promise<{ channel: Channel; age_s: number }[]> {
    return this.database.query(
      `WITH RECURSIVE c AS (
         (SELECT channel FROM work WHERE kind = 'deliver' ORDER BY channel LIMIT 1)
         UNION ALL
         SELECT (SELECT w.channel FROM work w WHERE w.kind = 'deliver' AND w.channel > c.channel ORDER BY w.channel LIMIT 1)
           FROM c WHERE c.channel IS NOT NULL
       )
       SELECT c.channel, extract(epoch FROM now() - d.due_at)::float8 AS age_s
         FROM c CROSS JOIN LATERAL (
           SELECT due_at FROM work WHERE kind = 'deliver' AND channel = c.channel AND due_at <= now() LIMIT 1) d
        WHERE c.channel IS NOT NULL`,
    );
  }

  /**
   * Holds what of these rows nobody else holds or has done. A repeated event claims nothing. A claim that a crash of the
   * database forgets is like one whose holder died: its outcome is not stored, and the work is handed over again.
   */
  claim(workIds: readonly number[], leaseToken: string): Promise<ClaimedWork[]> {
    return this.database.forgettable((tx) => this.claimIn(tx, workIds, leaseToken));
  }

  private claimIn(tx: Sql, workIds: readonly number[], leaseToken: string): Promise<ClaimedWork[]> {
    return tx.query<ClaimedWork>(
      `UPDATE work SET lease_token = $2, due_at = now() + interval '${LEASE_S} seconds', claims = claims + 1
        WHERE id = ANY($1::bigint[]) AND kind = 'deliver' AND lease_token IS NULL
       RETURNING id, message_id, app_id, channel, priority, seqs, attempts, claims, expires_at,
                 coalesce(expires_at <= now(), false) AS is_expired,
                 (extract(epoch FROM started_at) * 1000)::float8 AS started_ms`,
      [workIds, leaseToken],
    );
  }

  /** Prolongs the lease of everything under the token. Answers how many rows are still held. */
  async renew(leaseToken: string, workIds: readonly number[]): Promise<number> {
    const rows = await this.database.query(
      `UPDATE work SET due_at = now() + interval '${LEASE_S} seconds'
        WHERE id = ANY($1::bigint[]) AND lease_token = $2 RETURNING id`,
      [workIds, leaseToken],
    );
    return rows.length;
  }

  /** Gives work back unharmed: due again at once. For shutdown and for failures before any provider call. */
  async release(leaseToken: string, workIds: readonly number[], delayS = 0): Promise<void> {
    await this.database.query(
      `UPDATE work SET lease_token = NULL, claims = claims - 1, due_at = now() + make_interval(secs => $3)
        WHERE id = ANY($1::bigint[]) AND lease_token = $2`,
      [workIds, leaseToken, delayS],
    );
  }

  /** Removes finished work that this token still holds. Answers the ids; what is missing was lost to another worker. */
  async finish(tx: Sql, leaseToken: string, workIds: readonly number[]): Promise<Set<number>> {
    const rows = await tx.query<{ id: number }>(
      'DELETE FROM work WHERE id = ANY($1::bigint[]) AND lease_token = $2 RETURNING id',
      [workIds, leaseToken],
    );
    return new Set(rows.map((row) => row.id));
  }

  /** Takes due rows of one kind for `leaseS` seconds: if this process dies they are due again after that. */
  async claimDue(kind: DueKind, limit: number, leaseS = LEASE_S): Promise<DueWork[]> {
    return this.database.query<DueWork>(
      `WITH due AS MATERIALIZED (
         SELECT id FROM work WHERE kind = $1 AND kind <> 'deliver' AND due_at <= now()
          ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE work SET due_at = now() + make_interval(secs => $3) WHERE id = ANY(ARRAY(SELECT id FROM due))
       RETURNING id, message_id, channel, seqs`,
      [kind, limit, leaseS],
    );
  }
}
