import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Database } from '../connection/database.js';
import { HANDOVER_S } from '../fan-out/fan-out-end.sql.js';

/** A worker holds work this long without renewing. */
export const LEASE_S = 30;
const MAX_ROWS_PER_TICK = 12_800;

/** Work that left the table's due side and must now be published. */
export interface HandedOver {
  id: number;
  app_id: string;
  /** Deliveries. */
  size: number;
  /** Share of its app. */
  weight: number;
  /** Its app may have more work that is due. */
  is_cut: boolean;
}

/** Who goes first in a hand-over. */
export interface HandOverOrder {
  /** Apps that have had more than others, and by how much, measured by their weights. */
  ahead: ReadonlyMap<string, number>;
  /** Apps that get nothing this time. */
  except: readonly string[];
}

/** Work held by this worker until it settles, releases or loses it. */
export interface ClaimedWork {
  id: number;
  message_id: string;
  app_id: string;
  channel: Channel;
  priority: number;
  attempts: number;
  claims: number;
  expires_at: Date | null;
  is_expired: boolean;
  /** Epoch ms when the channel was first tried. */
  started_ms: number;
  /**
   * Accounts that had their turn without a receipt: the deliveries went out and are sent again through another. Empty: they are sent
   * again through any, also those that failed.
   */
  avoid: string[] | null;
}

export type DueKind = 'fan_out' | 'proof' | 'receipt' | 'cancel';

export interface DueWork {
  id: number;
  message_id: string;
  channel: string;
  seqs: number[];
}

/**
 * Distinct apps by a loose index scan. Of each its due work by priority, as many rows as its share of the room. Ordered by what
 * each app has had, measured by its weight: an app with a million waits behind nobody, and nobody waits behind it. Nothing goes
 * out of turn: where more of an app was not looked at (is_cut), the others' later turns are left to the next pass.
 * $1 channel, $2 deliveries to take, $3 rows to look at, $4/$5 apps that are ahead and by how much, $6 apps that must wait
 */
const HAND_OVER = `
WITH RECURSIVE app AS (
  (SELECT app_id FROM work WHERE kind = 'deliver' AND channel = $1 ORDER BY app_id LIMIT 1)
  UNION ALL
  SELECT (SELECT w.app_id FROM work w WHERE w.kind = 'deliver' AND w.channel = $1 AND w.app_id > app.app_id
           ORDER BY w.app_id LIMIT 1)
    FROM app WHERE app.app_id IS NOT NULL
), waiting AS MATERIALIZED (
  SELECT app.app_id, coalesce(c.weight, 1)::float8 AS weight, coalesce(l.ahead, 0) AS ahead
    FROM app LEFT JOIN client_app c ON c.app_id = app.app_id
    LEFT JOIN unnest($4::text[], $5::float8[]) AS l(app_id, ahead) ON l.app_id COLLATE "C" = app.app_id
   WHERE app.app_id IS NOT NULL AND NOT app.app_id = ANY($6::text[])
     AND (SELECT true FROM work w WHERE w.kind = 'deliver' AND w.channel = $1 AND w.app_id = app.app_id
             AND w.priority IN (0, 1, 2) AND w.due_at <= now() LIMIT 1)
), share AS MATERIALIZED (
  SELECT *, ceil($3::int * weight / sum(weight) OVER ())::int AS rows FROM waiting
), candidate AS MATERIALIZED (
  SELECT w.*, s.weight, s.ahead, s.rows FROM share s CROSS JOIN (VALUES (0), (1), (2)) AS p(priority)
   CROSS JOIN LATERAL (
     SELECT id, app_id, priority, due_at, cardinality(seqs) AS size FROM work
      WHERE kind = 'deliver' AND channel = $1 AND app_id = s.app_id AND priority = p.priority AND due_at <= now()
      ORDER BY due_at LIMIT s.rows FOR UPDATE SKIP LOCKED) w
), ordered AS (
  SELECT id, app_id, priority, size, weight,
         ahead + (sum(size) OVER (PARTITION BY app_id ORDER BY priority, due_at, id) - size) / weight AS turn,
         count(*) OVER (PARTITION BY app_id, priority) >= rows AS is_cut
    FROM candidate
), placed AS (
  SELECT *, sum(size) OVER (ORDER BY turn, size, app_id, id) AS total FROM ordered
), seen AS (
  SELECT max(turn) AS turn FROM ordered WHERE is_cut GROUP BY app_id, priority
), taken AS MATERIALIZED (
  SELECT * FROM placed WHERE total - size < $2 AND turn <= coalesce((SELECT min(turn) FROM seen), 'infinity')
), moved AS (
  UPDATE work SET due_at = now() + interval '${HANDOVER_S} seconds', lease_token = NULL, waits_for_account = false
   WHERE id = ANY(ARRAY(SELECT id FROM taken))
  RETURNING id
)
SELECT t.id, t.app_id, t.size, t.weight, t.is_cut FROM taken t JOIN moved ON moved.id = t.id ORDER BY t.total, t.id`;

/** SQL: the oldest due work of an app; each priority has its oldest in front, so nothing that waits is looked at. */
const firstDue = (channel: string, appId: string, priority: string): string =>
  `SELECT due_at FROM work WHERE kind = 'deliver' AND channel = ${channel} AND app_id = ${appId} AND priority = ${priority}
      AND due_at <= now() ORDER BY due_at LIMIT 1`;

/** Distinct channels, and of each its apps up to the first that has work due, by loose index scans. */
const DUE_CHANNELS = `
WITH RECURSIVE c AS (
  (SELECT channel FROM work WHERE kind = 'deliver' ORDER BY channel LIMIT 1)
  UNION ALL
  SELECT (SELECT w.channel FROM work w WHERE w.kind = 'deliver' AND w.channel > c.channel ORDER BY w.channel LIMIT 1)
    FROM c WHERE c.channel IS NOT NULL
)
SELECT c.channel FROM c
 WHERE c.channel IS NOT NULL AND EXISTS (
   WITH RECURSIVE app AS (
     (SELECT app_id FROM work WHERE kind = 'deliver' AND channel = c.channel ORDER BY app_id LIMIT 1)
     UNION ALL
     SELECT (SELECT w.app_id FROM work w WHERE w.kind = 'deliver' AND w.channel = c.channel AND w.app_id > app.app_id
              ORDER BY w.app_id LIMIT 1)
       FROM app WHERE app.app_id IS NOT NULL
   )
   SELECT FROM app CROSS JOIN (VALUES (0), (1), (2)) AS p(priority)
    CROSS JOIN LATERAL (${firstDue('c.channel', 'app.app_id', 'p.priority')}) d)`;

/** The oldest of every app and priority. */
const QUEUE_AGES = `
WITH RECURSIVE app AS (
  (SELECT channel, app_id FROM work WHERE kind = 'deliver' ORDER BY channel, app_id LIMIT 1)
  UNION ALL
  SELECT next.channel, next.app_id FROM app CROSS JOIN LATERAL (
    SELECT w.channel, w.app_id FROM work w WHERE w.kind = 'deliver' AND (w.channel, w.app_id) > (app.channel, app.app_id)
     ORDER BY w.channel, w.app_id LIMIT 1) next
)
SELECT app.channel, extract(epoch FROM now() - min(d.due_at))::float8 AS age_s
  FROM app CROSS JOIN (VALUES (0), (1), (2)) AS p(priority)
 CROSS JOIN LATERAL (${firstDue('app.channel', 'app.app_id', 'p.priority')}) d
 GROUP BY app.channel`;

/** The small table of what is due: retry timer, lease, outbox, schedule and reconciler in one. */
@Injectable()
export class WorkRepository {
  constructor(private readonly database: Database) {}

  /**
   * Takes due work of one channel, fairly over the client apps: in the order in which it should go out, the work of one app by
   * priority. @param deliveries most deliveries to take; the last row may go beyond
   */
  handOver(
    channel: Channel,
    deliveries: number,
    { ahead, except }: HandOverOrder = { ahead: new Map(), except: [] },
  ): Promise<HandedOver[]> {
    const rows = Math.min(deliveries, MAX_ROWS_PER_TICK);
    return this.database.query<HandedOver>(HAND_OVER, [
      channel,
      deliveries,
      rows,
      [...ahead.keys()],
      [...ahead.values()],
      except,
    ]);
  }

  /** Of handed-over rows those that are not done yet, and whether a worker holds them. What was lost on its way is not among them. */
  async underWay(workIds: readonly number[]): Promise<Map<number, { isHeld: boolean }>> {
    const rows = await this.database.query<{ id: number; is_held: boolean }>(
      'SELECT id, lease_token IS NOT NULL AS is_held FROM work WHERE id = ANY($1::bigint[]) AND due_at > now()',
      [workIds],
      'work_under_way',
    );
    return new Map(rows.map(({ id, is_held: isHeld }) => [id, { isHeld }]));
  }

  /** Puts handed-over work back: it is due now. For what could not be published. */
  async handBack(workIds: readonly number[]): Promise<void> {
    await this.database.query('UPDATE work SET due_at = now() WHERE id = ANY($1::bigint[]) AND lease_token IS NULL', [
      workIds,
    ]);
  }

  /** Channels that have work due. */
  async dueChannels(): Promise<Channel[]> {
    const rows = await this.database.query<{ channel: Channel }>(DUE_CHANNELS);
    return rows.map(({ channel }) => channel);
  }

  /** How long the oldest due work of a channel has been waiting, seconds. Channels without any are not there. */
  async queueAges(): Promise<Map<Channel, number>> {
    const rows = await this.database.query<{ channel: Channel; age_s: number }>(QUEUE_AGES);
    return new Map(rows.map(({ channel, age_s: ageS }) => [channel, ageS]));
  }

  /** Prolongs the lease of everything under the token. Answers what is still held. */
  async renew(leaseToken: string, workIds: readonly number[]): Promise<number[]> {
    const rows = await this.database.query<{ id: number }>(
      `UPDATE work SET due_at = now() + interval '${LEASE_S} seconds'
        WHERE id = ANY($1::bigint[]) AND lease_token = $2 RETURNING id`,
      [workIds, leaseToken],
    );
    return rows.map(({ id }) => id);
  }

  /** Gives work back unharmed: due again after `delayS`. For failures before any provider call. */
  async release(leaseToken: string, workIds: readonly number[], delayS: number): Promise<void> {
    await this.database.query(
      `UPDATE work SET lease_token = NULL, claims = claims - 1, due_at = now() + make_interval(secs => $3)
        WHERE id = ANY($1::bigint[]) AND lease_token = $2`,
      [workIds, leaseToken, delayS],
    );
  }

  /** Those of the kinds of which something is due: asked at once for all, since mostly there is nothing. */
  async dueKinds<K extends string>(kinds: readonly K[]): Promise<K[]> {
    const rows = await this.database.query<{ kind: K }>(
      `SELECT k.kind FROM unnest($1::text[]) AS k(kind)
        WHERE EXISTS (SELECT FROM work w WHERE w.kind = k.kind AND w.kind <> 'deliver' AND w.due_at <= now())`,
      [kinds],
    );
    return rows.map(({ kind }) => kind);
  }

  /** Takes due rows of one kind for a while: if this process dies they are due again after that. */
  async claimDue(kind: DueKind, limit: number): Promise<DueWork[]> {
    return this.database.query<DueWork>(
      `WITH due AS MATERIALIZED (
         SELECT id FROM work WHERE kind = $1 AND kind <> 'deliver' AND due_at <= now()
          ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE work SET due_at = now() + interval '${LEASE_S} seconds' WHERE id = ANY(ARRAY(SELECT id FROM due))
       RETURNING id, message_id, channel, seqs`,
      [kind, limit],
    );
  }
}
