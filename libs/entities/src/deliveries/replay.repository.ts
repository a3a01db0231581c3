import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { AuditRepository } from '../directory/audit.repository.js';
import type { DeadLetterFilter } from './dead-letter.repository.js';
import { CLAIM, CALLBACKS, DELIVERIES } from './replay.sql.js';

export interface ReplayRequest {
  filter: DeadLetterFilter;
  /** Deliveries (and callbacks) that become due per second. */
  perSecond: number;
  /** Who asked, for the audit log. */
  actor: string;
  ip: string | null;
  /** The same key and hash within 24 h answer the same replay. `bodyHash`: hex SHA-256. */
  idempotency: { key: string; bodyHash: string } | null;
}

export interface ReplayResult {
  replayId: string;
  /** Deliveries and callbacks taken from the desk. */
  matched: number;
  /** Of these, under way again. */
  replayed: number;
  /** The others by reason. `no_address` and `opted_out` go back to the desk under that cause. */
  refused: Record<string, number>;
  /** More match than one replay takes: ask again. */
  hasMore: boolean;
}

/** Replays belong to no client app. */
const KEY_OWNER = '';
const AUDIT_ACTION = 'dead-letters.replay';
const UNTIL_NOW = 'infinity';

/** Gives dead letters another try: each at most once, at a bounded pace. */
@Injectable()
export class ReplayRepository {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditRepository,
  ) {}

  /** One transaction. Null: the idempotency key was used with another body. */
  replay(request: ReplayRequest): Promise<ReplayResult | null> {
    return this.database.transaction(async (tx) => {
      const replayId = randomUUID();
      const earlier = await this.earlierReplay(tx, request, replayId);
      if (earlier === 'conflict') return null;
      if (earlier) return earlier;
      const result = await this.run(tx, request, replayId);
      await this.audit.record(
        {
          actor: request.actor,
          action: AUDIT_ACTION,
          target: replayId,
          ip: request.ip,
          details: { filter: request.filter, perSecond: request.perSecond, result },
        },
        tx,
      );
      return result;
    });
  }

  /** The audit entry of the first call, written with it, is the record of its answer. */
  private async earlierReplay(
    tx: Sql,
    { idempotency }: ReplayRequest,
    replayId: string,
  ): Promise<ReplayResult | 'conflict' | null> {
    if (!idempotency) return null;
    const key = `replay:${idempotency.key}`;
    const inserted = await tx.query(
      `INSERT INTO idempotency_key AS k (app_id, key, body_hash, message_id) VALUES ($1, $2, decode($3, 'hex'), $4)
       ON CONFLICT (app_id, key) DO UPDATE
         SET body_hash = excluded.body_hash, message_id = excluded.message_id, created_at = now()
         WHERE k.created_at < now() - interval '24 hours'
       RETURNING 1`,
      [KEY_OWNER, key, idempotency.bodyHash, replayId],
    );
    if (inserted.length > 0) return null;
    const [row] = await tx.query<{ is_same: boolean; result: ReplayResult | null }>(
      `SELECT k.body_hash = decode($3, 'hex') AS is_same,
              (SELECT a.details->'result' FROM audit_log a
                WHERE a.action = $4 AND a.target = k.message_id::text ORDER BY a.id DESC LIMIT 1) AS result
         FROM idempotency_key k WHERE k.app_id = $1 AND k.key = $2`,
      [KEY_OWNER, key, idempotency.bodyHash, AUDIT_ACTION],
    );
    if (!row?.is_same) return 'conflict';
    return row.result;
  }

  private async run(tx: Sql, { filter, perSecond }: ReplayRequest, replayId: string): Promise<ReplayResult> {
    const claimed = await tx.query<{ id: number; kind: string; message_id: string; size: number; has_more: boolean }>(
      CLAIM,
      [
        replayId,
        filter.kind ?? null,
        filter.channel ?? null,
        filter.cause ?? null,
        filter.appId ?? null,
        filter.messageId ?? null,
        filter.before ?? UNTIL_NOW,
      ],
    );
    const of = (kind: string): number[] => claimed.filter((row) => row.kind === kind).map((row) => row.id);
    const refused: Record<string, number> = {};
    const counts = { replayed: 0 };
    const add = (rows: { reason: string | null; count: number }[]): void => {
      for (const { reason, count } of rows) {
        if (reason === null) counts.replayed += count;
        else refused[reason] = (refused[reason] ?? 0) + count;
      }
    };
    const deliveries = claimed.filter((row) => row.kind === 'delivery');
    if (deliveries.length > 0) {
      // New rows take the next free step of their recipient: two replays of one message go one after the other.
      const messageIds = [...new Set(deliveries.map((row) => row.message_id))].sort();
      await tx.query('SELECT FROM message_state WHERE message_id = ANY($1::uuid[]) ORDER BY message_id FOR UPDATE', [
        messageIds,
      ]);
      add(await tx.query(DELIVERIES, [of('delivery'), perSecond, messageIds[0], messageIds.at(-1)]));
    }
    const callbacks = of('callback');
    if (callbacks.length > 0) add(await tx.query(CALLBACKS, [callbacks, perSecond]));
    return {
      replayId,
      matched: claimed.reduce((sum, row) => sum + row.size, 0),
      replayed: counts.replayed,
      refused,
      hasMore: claimed.some((row) => row.has_more),
    };
  }
}
