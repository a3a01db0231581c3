import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { isDataError } from '../connection/sql-state.js';
import { KEY_HOURS, insertMessages } from './insert-messages.sql.js';
import { LimitedIntakeRepository } from './limited-intake.repository.js';
import type { InsertResult, NewMessage } from './new-message.js';

type IdempotencyKey = NonNullable<NewMessage['idempotency']>;

interface Holder {
  app: string;
  key: string;
  /** Of the message. */
  id: string;
  hash: string;
  scheduled: boolean;
  /** Not older than keys are remembered: who lost against it did so while it was. */
  is_kept: boolean;
}

/** Stores accepted messages. What `insert` answers is committed. */
@Injectable()
export class MessageIntakeRepository {
  constructor(
    private readonly database: Database,
    private readonly limited: LimitedIntakeRepository,
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
    // Whoever holds the key answers, also for a repeated message that is refused by now.
    const asked = batch.filter((message) => message.idempotency && !isDecided(results.get(message.id)));
    const holders = await this.holdersOf(asked);
    return batch.map((message) => {
      const own = results.get(message.id);
      const holder = message.idempotency ? holders.get(keyOf(message)) : undefined;
      if (holder && !isDecided(own) && (holder.is_kept || !own)) return answerOfHolder(message.idempotency, holder);
      return own ?? answerOfFirst(message, firstOfKey.get(keyOf(message)), results);
    });
  }

  /** What the message was answered that holds the app's key; null: nobody does. */
  async findByKey(appId: string, idempotency: IdempotencyKey): Promise<InsertResult | null> {
    const [holder] = await this.holders([{ appId, key: idempotency.key }]);
    return holder?.is_kept ? answerOfHolder(idempotency, holder) : null;
  }

  private async insertOrSplit(batch: readonly NewMessage[]): Promise<Map<string, InsertResult | Error>> {
    const results = new Map<string, InsertResult | Error>();
    if (batch.length === 0) return results;
    const parts = partsOf(batch);
    if (parts.length > 1) return this.insertApart(parts);
    try {
      const rows = isLimited(batch[0]) ? await this.limited.insert(batch) : await insertMessages(this.database, batch);
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

  private async holdersOf(messages: readonly NewMessage[]): Promise<Map<string, Holder>> {
    if (messages.length === 0) return new Map();
    const keys = messages.map(({ clientAppId, idempotency }) => ({ appId: clientAppId, key: idempotency?.key ?? '' }));
    return new Map((await this.holders(keys)).map((row) => [`${row.app}\n${row.key}`, row]));
  }

  private holders(keys: readonly { appId: string; key: string }[]): Promise<Holder[]> {
    return this.database.query<Holder>(
      `SELECT k.app_id AS app, k.key, k.message_id AS id, encode(k.body_hash, 'hex') AS hash,
              coalesce(m.send_at > now(), false) AS scheduled,
              k.created_at >= now() - interval '${KEY_HOURS} hours' AS is_kept
         FROM unnest($1::text[], $2::text[]) AS wanted(app, key)
         JOIN idempotency_key k ON k.app_id = wanted.app AND k.key = wanted.key
         LEFT JOIN message m ON m.id = k.message_id`,
      [keys.map(({ appId }) => appId), keys.map(({ key }) => key)],
    );
  }
}

/** Those that wait for the same to-dos, or for an app's SMS budget, keep no other waiting. */
function partsOf(batch: readonly NewMessage[]): NewMessage[][] {
  const todos = batch.filter((message) => message.openTodo !== null);
  const counted = batch.filter((message) => message.openTodo === null && isLimited(message));
  const others = batch.filter((message) => !isLimited(message));
  return [todos, counted, others].filter((part) => part.length > 0);
}

const isLimited = (message: NewMessage | undefined): boolean =>
  message !== undefined && (message.openTodo !== null || message.plan.smsSegments !== undefined);

/**
 * What a repeated message is refused for by now was no matter when the first one came: whoever holds its key answers. Not so where
 * somebody of its audience has left the app: whoever wants them all in asks again without them.
 */
const REFUSED_BY_NOW: ReadonlySet<InsertResult['kind']> = new Set(['unreachable', 'over-sms-quota', 'todo-duplicate']);

/** Stands whoever holds the message's idempotency key. */
const isDecided = (result: InsertResult | Error | undefined): boolean =>
  result !== undefined && (result instanceof Error || !REFUSED_BY_NOW.has(result.kind));

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

function answerOfHolder(idempotency: IdempotencyKey | null, holder: Holder): InsertResult {
  if (holder.hash !== idempotency?.bodyHash) return { kind: 'idempotency-conflict' };
  return { kind: 'accepted', messageId: holder.id, isNew: false, isScheduled: holder.scheduled };
}
