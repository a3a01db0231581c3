import { Injectable } from '@nestjs/common';
import { SmsBudgetRepository } from '../accounts/sms-budget.repository.js';
import { Database, isDataError, type Sql } from '../connection/database.js';
import type { InsertResult, NewMessage } from './new-message.js';

/** Seconds after which a message whose doorbell was lost is fanned out all the same. */
const DOORBELL_GRACE_S = 3;
/** Hours an idempotency key is remembered. */
const KEY_HOURS = 24;

/**
 * One statement: key, message, state and work row of a whole batch, or none of them. Who cannot be reached falls out
 * first: a question of its own would cost a round trip a message, and its answer could be old at the commit. Scalar
 * subqueries, because an EXISTS may be planned as a scan of the whole table.
 */
const INSERT = `
WITH input AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
    id uuid, app text, door text, kind text, priority smallint, content jsonb, template bigint, params jsonb,
    audience jsonb, plan jsonb, callback text, client_ref text, reply boolean, send_at timestamptz,
    expires_at timestamptz, key text, hash text, reach_user text, reach_channel text)
), reachable AS (
  SELECT i.* FROM input i
   WHERE i.reach_user IS NULL
      OR (SELECT true FROM recipient r WHERE r.user_id = i.reach_user)
         AND (i.reach_channel IS NULL OR i.reach_channel = 'portal'
              OR (SELECT true FROM recipient_address a
                   WHERE a.user_id = i.reach_user AND a.channel = i.reach_channel AND a.app_id IN ('', i.app)
                     AND a.suspended_at IS NULL LIMIT 1))
), key AS (
  INSERT INTO idempotency_key AS k (app_id, key, body_hash, message_id)
  SELECT app, key, decode(hash, 'hex'), id FROM reachable WHERE key IS NOT NULL ORDER BY app, key
  ON CONFLICT (app_id, key) DO UPDATE
    SET body_hash = excluded.body_hash, message_id = excluded.message_id, created_at = now()
    WHERE k.created_at < now() - interval '${KEY_HOURS} hours'
  RETURNING message_id
), fresh AS (
  SELECT * FROM reachable WHERE key IS NULL OR id IN (SELECT message_id FROM key)
), inserted AS (
  INSERT INTO message (id, client_app_id, door, kind, priority, content, template_version_id, params, audience, plan,
                       status_callback, client_ref, reply, accepted_at, send_at, expires_at)
  SELECT id, app, door, kind, priority, content, template, params, audience, plan, callback, client_ref, reply, now(),
         send_at, expires_at
    FROM fresh
), state AS (
  INSERT INTO message_state (message_id, status)
  SELECT id, CASE WHEN send_at > now() THEN 'scheduled' ELSE 'accepted' END FROM fresh
), due AS (
  INSERT INTO work (kind, message_id, app_id, priority, due_at)
  SELECT 'fan_out', id, app, priority, CASE WHEN send_at > now() THEN send_at ELSE now() + interval '${DOORBELL_GRACE_S} seconds' END
    FROM fresh
)
SELECT id, coalesce(send_at > now(), false) AS scheduled, true AS reachable FROM fresh
UNION ALL
SELECT id, false, false FROM input WHERE reach_user IS NOT NULL AND id NOT IN (SELECT id FROM reachable)`;

/** Stores accepted messages. What `insert` answers is committed. */
@Injectable()
export class MessageIntakeRepository {
  constructor(
    private readonly database: Database,
    private readonly budgets: SmsBudgetRepository,
  ) {}

  /**
   * Results stand in the order of `batch`. A message whose values the database refuses (SQLSTATE 22, 23) gets its error
   * alone: one hostile caller must not fail the others of the batch.
   */
  async insert(batch: readonly NewMessage[]): Promise<(InsertResult | Error)[]> {
    const firstOfKey = new Map<string, NewMessage>();
    const unique = batch.filter((message) => {
      if (!message.idempotency) return true;
      const key = keyOf(message);
      if (firstOfKey.has(key)) return false;
      firstOfKey.set(key, message);
      return true;
    });
    const results = await this.insertOrSplit(unique);
    // Whoever holds the key answers, also for a repeated message that the quota would not cover once more.
    const asked = batch.filter((message) => message.idempotency && !isDecided(results.get(message.id)));
    const holders = await this.holdersOf(asked);
    return batch.map((message) => {
      const own = results.get(message.id);
      const holder = message.idempotency ? holders.get(keyOf(message)) : undefined;
      if (holder && !isDecided(own)) return answerOfHolder(message, holder);
      return own ?? answerOfFirst(message, firstOfKey.get(keyOf(message)), results);
    });
  }

  private async insertOrSplit(batch: readonly NewMessage[]): Promise<Map<string, InsertResult | Error>> {
    const results = new Map<string, InsertResult | Error>();
    if (batch.length === 0) return results;
    const counted = batch.filter((message) => message.plan.smsSegments !== undefined);
    if (counted.length > 0 && counted.length < batch.length) {
      // Those that wait for an app's budget keep no other waiting.
      const others = batch.filter((message) => message.plan.smsSegments === undefined);
      return this.insertApart([counted, others]);
    }
    try {
      const rows = counted.length > 0 ? await this.insertCounted(counted) : await insertInto(this.database, batch);
      return new Map([...results, ...rows]);
    } catch (error) {
      if (!isDataError(error)) throw error;
      const [only] = batch;
      if (batch.length === 1 && only) return results.set(only.id, error as Error);
      const middle = batch.length >> 1;
      const first = await this.insertOrSplit(batch.slice(0, middle));
      const second = await this.insertOrSplit(batch.slice(middle));
      return new Map([...first, ...second]);
    }
  }

  /** Each part stands or falls by itself: what one has committed is answered whatever becomes of the other. */
  private async insertApart(parts: readonly (readonly NewMessage[])[]): Promise<Map<string, InsertResult | Error>> {
    const done = await Promise.all(
      parts.map((part) =>
        this.insertOrSplit(part).catch(
          (error: Error) => new Map<string, InsertResult | Error>(part.map((message) => [message.id, error])),
        ),
      ),
    );
    return new Map(done.flatMap((results) => [...results]));
  }

  /** Messages that take from their apps' SMS budgets: with what they take, or not at all. One transaction. */
  private insertCounted(batch: readonly NewMessage[]): Promise<Map<string, InsertResult>> {
    return this.database.transaction(async (tx) => {
      const answers = await this.budgets.reserve(tx, batch.map(segmentsOf));
      const covered = batch.filter((_, place) => answers[place]);
      const results = covered.length > 0 ? await insertInto(tx, covered) : new Map<string, InsertResult>();
      await this.budgets.giveBackToday(
        tx,
        covered.filter((message) => results.get(message.id)?.kind !== 'accepted').map(segmentsOf),
      );
      batch.forEach((message, place) => {
        if (!answers[place]) results.set(message.id, { kind: 'over-sms-quota' });
      });
      return results;
    });
  }

  /** The losers of a key race read again who holds the key. */
  private async holdersOf(
    messages: readonly NewMessage[],
  ): Promise<Map<string, { id: string; hash: string; scheduled: boolean }>> {
    if (messages.length === 0) return new Map();
    const rows = await this.database.query<{ app: string; key: string; id: string; hash: string; scheduled: boolean }>(
      `SELECT k.app_id AS app, k.key, k.message_id AS id, encode(k.body_hash, 'hex') AS hash,
              coalesce(m.send_at > now(), false) AS scheduled
         FROM unnest($1::text[], $2::text[]) AS wanted(app, key)
         JOIN idempotency_key k ON k.app_id = wanted.app AND k.key = wanted.key
         LEFT JOIN message m ON m.id = k.message_id`,
      [messages.map((m) => m.clientAppId), messages.map((m) => m.idempotency?.key ?? '')],
    );
    return new Map(rows.map((row) => [`${row.app}\n${row.key}`, row]));
  }
}

async function insertInto(sql: Sql, batch: readonly NewMessage[]): Promise<Map<string, InsertResult>> {
  const rows = await sql.query<{ id: string; scheduled: boolean; reachable: boolean }>(
    INSERT,
    [JSON.stringify(batch.map(toRow))],
    'accept_messages',
  );
  return new Map(
    rows.map(({ id, scheduled, reachable }) => [
      id,
      reachable ? { kind: 'accepted', messageId: id, isNew: true, isScheduled: scheduled } : { kind: 'unreachable' },
    ]),
  );
}

const segmentsOf = ({ clientAppId, plan }: NewMessage): { appId: string; segments: number } => ({
  appId: clientAppId,
  segments: plan.smsSegments ?? 0,
});

/** Stands whoever holds the message's idempotency key. */
const isDecided = (result: InsertResult | Error | undefined): boolean =>
  result !== undefined && (result instanceof Error || result.kind !== 'over-sms-quota');

const keyOf = (message: NewMessage): string => `${message.clientAppId}\n${message.idempotency?.key ?? ''}`;

/** The same message twice in one batch: where the first one was refused, so is the second. */
function answerOfFirst(
  message: NewMessage,
  first: NewMessage | undefined,
  results: ReadonlyMap<string, InsertResult | Error>,
): InsertResult | Error {
  const result = first && results.get(first.id);
  if (!result) return new Error('the message was not stored and nobody holds its idempotency key');
  return first.idempotency?.bodyHash === message.idempotency?.bodyHash ? result : { kind: 'idempotency-conflict' };
}

function answerOfHolder(
  message: NewMessage,
  holder: { id: string; hash: string; scheduled: boolean },
): InsertResult | Error {
  if (holder.hash !== message.idempotency?.bodyHash) return { kind: 'idempotency-conflict' };
  return { kind: 'accepted', messageId: holder.id, isNew: false, isScheduled: holder.scheduled };
}

const toRow = (message: NewMessage): Record<string, unknown> => ({
  id: message.id,
  app: message.clientAppId,
  door: message.door,
  kind: message.kind,
  priority: message.priority,
  content: message.content,
  template: message.templateVersionId,
  params: message.params,
  audience: message.audience,
  plan: message.plan,
  callback: message.statusCallback,
  client_ref: message.clientRef,
  reply: message.reply,
  send_at: message.sendAt,
  expires_at: message.expiresAt,
  key: message.idempotency?.key ?? null,
  hash: message.idempotency?.bodyHash ?? null,
  reach_user: message.mustReach?.userId ?? null,
  reach_channel: message.mustReach?.channel ?? null,
});
