import { Injectable } from '@nestjs/common';
import { INBOX_STATE, STEPS_PER_RECIPIENT, ordinalOf, type MessageKind, type MessageStatus } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { encodeDeliveryRef } from '../deliveries/delivery-ref.js';
import type { SeqRange } from '../messages/cancel.repository.js';
import { isMessageId } from '../messages/message-id.js';
import { OpenTodoRepository } from '../messages/open-todo.repository.js';
import { CALLBACK_ITEMS } from '../reporting/callback-items.js';
import { ReminderRepository } from './reminder.repository.js';
import { TodoCardRepository } from './todo-card.repository.js';
import { TodoDeliveriesRepository } from './todo-deliveries.repository.js';
import { TodoDuplicateError } from './todo-duplicate.error.js';

/** Where a to-do stands for one receiver. */
export const TODO_STATES = ['open', 'done'] as const;
export type TodoState = (typeof TODO_STATES)[number];

/**
 * `dispatching`: not everybody has it yet. `set`: so many `receivers` have it in the asked state now, `changed` of them had it in
 * the other one; `duplicates` have an equal one open, and for them it therefore stayed done.
 */
export type SetTodoResult =
  | { kind: 'unknown' | 'not_todo' | 'dispatching' }
  | { kind: 'set'; receivers: number; changed: number; duplicates: number };

interface TodoMessage {
  id: string;
  kind: MessageKind;
  status: MessageStatus;
  remind_every_s: number | null;
  /** Its receivers have ordinals below. */
  next_ordinal: number;
}

/** A portal row of the to-do, or an open delivery beside it. */
interface LockedRow {
  seq: number;
  recipient: string;
  ref: string;
  inbox_state: number | null;
  is_open: boolean;
}

interface Change {
  changed: ReadonlySet<LockedRow>;
  /** User ids. */
  duplicates: ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();
const UNDER_WAY: ReadonlySet<MessageStatus> = new Set(['scheduled', 'accepted', 'dispatching']);
const IS_TODO = `inbox_state IN (${INBOX_STATE.open}, ${INBOX_STATE.done})`;

/** Rows are locked in the order of their key, as `settle` locks them. */
const LOCK = `
SELECT seq, recipient, ref, inbox_state, is_open FROM delivery
 WHERE message_id = $1 AND seq BETWEEN $2 AND $3 AND (${IS_TODO} OR is_open) ORDER BY seq FOR UPDATE`;

const SET = `
UPDATE delivery SET inbox_state = $3::smallint, done_at = CASE WHEN $3::smallint = ${INBOX_STATE.done} THEN coalesce($4::timestamptz, now()) END
 WHERE message_id = $1 AND seq = ANY($2::int[])`;

/** Receivers of one transaction: others wait for its rows, and it has the statement timeout. */
const CHUNK = 5000;

const REFS = `
SELECT seq, ref FROM delivery WHERE message_id = $1 AND seq BETWEEN $2 AND $3 AND inbox_state = $4 ORDER BY seq`;

const WITHDRAW = `
WITH page AS MATERIALIZED (
  SELECT seq FROM delivery
   WHERE message_id = $1 AND seq > $2 AND seq <= $3 AND inbox_state = ${INBOX_STATE.open} ORDER BY seq FOR UPDATE
)
UPDATE delivery SET inbox_state = NULL WHERE message_id = $1 AND seq = ANY(ARRAY(SELECT seq FROM page))`;

const TAKE_BACK = 'UPDATE delivery SET inbox_state = NULL WHERE message_id = $1 AND inbox_state IS NOT NULL';

const TELL = `
INSERT INTO callback (message_id, app_id, url, type, items)
SELECT m.id, m.client_app_id, m.status_callback, 'todo.status',
       jsonb_agg(jsonb_build_object('ref_no', m.id, 'uid', u.user_id, 'state', $3::text, 'at', coalesce($4::timestamptz, now()))
                 ORDER BY u.place)
  FROM message m CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS u(user_id, place)
 WHERE m.id = $1 AND m.status_callback IS NOT NULL
 GROUP BY m.id, m.client_app_id, m.status_callback, (u.place - 1) / ${CALLBACK_ITEMS}`;

/**
 * The to-do as one object: the portal row of a receiver says whether it is open or done, and whoever changes that, by whichever
 * door or page, does it here. Closing ends in the same transaction what was still to be sent for it: pending channels, fallbacks,
 * retries, proofs awaited, reminders. Opening it again brings none of that back but the reminders that are to come. It takes the
 * place that keeps an equal to-do from being sent; where another one has it meanwhile, the old one stays done, for nobody is
 * to have the same to-do open twice.
 */
@Injectable()
export class TodoRepository {
  constructor(
    private readonly database: Database,
    private readonly deliveries: TodoDeliveriesRepository,
    private readonly reminders: ReminderRepository,
    private readonly cards: TodoCardRepository,
    private readonly openTodos: OpenTodoRepository,
  ) {}

  /**
   * Of every receiver, some of them at a time: a call that is broken off leaves the others as they were, and the next one finishes
   * it. Of two that ask for opposite states at once, each receiver has the word of one.
   * @param clientAppId the owner; null for an administrator. Another app's message is unknown.
   */
  async setAll(messageId: string, clientAppId: string | null, state: TodoState): Promise<SetTodoResult> {
    const message = isMessageId(messageId) ? await findMessage(this.database, messageId, clientAppId) : null;
    if (!message) return { kind: 'unknown' };
    if (message.kind !== 'todo') return { kind: 'not_todo' };
    if (UNDER_WAY.has(message.status)) return { kind: 'dispatching' };
    const sum = { receivers: 0, changed: 0, duplicates: 0 };
    for (let first = 0; first === 0 || first < message.next_ordinal; first += CHUNK) {
      const part = await this.database.transaction((tx) => this.setSome(tx, message, first, state));
      sum.receivers += part.receivers;
      sum.changed += part.changed;
      sum.duplicates += part.duplicates;
    }
    return { kind: 'set', ...sum };
  }

  /** The per-delivery references of those who have it in this state, in the order of the audience. */
  async refsIn(messageId: string, state: TodoState): Promise<string[]> {
    const message = await findMessage(this.database, messageId, null);
    const refs: string[] = [];
    for (let first = 0; first < (message?.next_ordinal ?? 0); first += CHUNK) {
      const rows = await this.database.query<{ seq: number; ref: string }>(REFS, [
        messageId,
        ...seqsOf(first, CHUNK),
        INBOX_STATE[state],
      ]);
      for (const { seq, ref } of rows) refs.push(encodeDeliveryRef(messageId, seq, ref));
    }
    return refs;
  }

  /**
   * Of one receiver. Null: the row is no to-do in an inbox.
   * @param key of the portal row @param at ISO time; default the database's now
   * @throws TodoDuplicateError he has an equal one open
   */
  setOne(key: { messageId: string; seq: number }, state: TodoState, at?: string): Promise<{ changed: boolean } | null> {
    const { messageId, seq } = key;
    return this.database.transaction(async (tx) => {
      const message = await findMessage(tx, messageId, null);
      if (message?.kind !== 'todo') return null;
      const rows = await tx.query<LockedRow>(LOCK, [messageId, ...seqsOf(ordinalOf(seq), 1)]);
      if (!rows.some((row) => row.seq === seq && row.inbox_state !== null)) return null;
      const { changed, duplicates } = await this.change(tx, message, rows, state, at ?? null);
      if (duplicates.size > 0) throw new TodoDuplicateError();
      if (changed.size === 0) return { changed: false };
      await this.cards.follow(tx, messageId, state, ordinalsOf(changed));
      if (state === 'done') {
        if (message.remind_every_s !== null) await this.reminders.endIfDone(tx, messageId);
        await this.openTodos.close(tx, messageId, recipientsOf(changed));
      }
      return { changed: true };
    });
  }

  /** A cancelled to-do leaves the inboxes of those who have not done it, of these deliveries. */
  async withdraw(messageId: string, { after, upTo }: SeqRange): Promise<void> {
    await this.database.query(WITHDRAW, [messageId, after, upTo]);
  }

  /**
   * A message that was refused to its caller after it had been stored leaves the inboxes, whatever was done with it there meanwhile,
   * and an equal to-do may be sent. Its deliveries and attempts stay. For messages to few.
   */
  takeBack(messageId: string): Promise<void> {
    return this.database.transaction(async (tx) => {
      await tx.query(TAKE_BACK, [messageId]);
      await this.openTodos.forget(tx, [messageId]);
    });
  }

  /** Of the receivers from this ordinal on. */
  private async setSome(
    tx: Sql,
    message: TodoMessage,
    first: number,
    state: TodoState,
  ): Promise<{ receivers: number; changed: number; duplicates: number }> {
    const rows = await tx.query<LockedRow>(LOCK, [message.id, ...seqsOf(first, CHUNK)]);
    const { changed, duplicates } = await this.change(tx, message, rows, state, null);
    await this.cards.follow(tx, message.id, state, ordinalsOf(changed));
    if (state === 'done') {
      const isLast = first + CHUNK >= message.next_ordinal;
      if (isLast && message.remind_every_s !== null) await this.reminders.endIfDone(tx, message.id);
      // In the end also of people who never had it in the inbox: the caller says that it is over.
      await this.openTodos.close(tx, message.id, isLast ? null : recipientsOf(changed));
    }
    const receivers = rows.filter((row) => row.inbox_state !== null && !duplicates.has(row.recipient)).length;
    return { receivers, changed: changed.size, duplicates: duplicates.size };
  }

  /** Changes the portal rows that are in the other state, but for those of receivers who have an equal to-do open. */
  private async change(
    tx: Sql,
    message: TodoMessage,
    rows: readonly LockedRow[],
    state: TodoState,
    at: string | null,
  ): Promise<Change> {
    const wanted = INBOX_STATE[state];
    const others = rows.filter((row) => row.inbox_state !== null && row.inbox_state !== wanted);
    const isReopening = state === 'open' && others.length > 0;
    const duplicates = isReopening ? await this.openTodos.reopen(tx, message.id, recipientsOf(others)) : NOBODY;
    const changed = new Set(others.filter((row) => !duplicates.has(row.recipient)));
    if (changed.size === 0) return { changed, duplicates };
    await tx.query(SET, [message.id, [...changed].map((row) => row.seq), wanted, at]);
    if (state === 'done') await this.stop(tx, message, rows, changed);
    else if (message.remind_every_s !== null) await this.reminders.start(tx, message.id);
    await tx.query(TELL, [message.id, recipientsOf(changed), state, at]);
    return { changed, duplicates };
  }

  private async stop(
    tx: Sql,
    message: TodoMessage,
    rows: readonly LockedRow[],
    closed: ReadonlySet<LockedRow>,
  ): Promise<void> {
    const ordinals = new Set(ordinalsOf(closed));
    const open = rows.filter((row) => row.is_open && ordinals.has(ordinalOf(row.seq)));
    await this.deliveries.stop(
      tx,
      message.id,
      open.map((row) => row.seq),
    );
    if (message.remind_every_s !== null) await this.deliveries.stopReminders(tx, message.id, recipientsOf(closed));
  }
}

async function findMessage(sql: Sql, messageId: string, clientAppId: string | null): Promise<TodoMessage | null> {
  const [message] = await sql.query<TodoMessage>(
    `SELECT m.id, m.kind, s.status, m.remind_every_s, s.next_ordinal FROM message m JOIN message_state s ON s.message_id = m.id
      WHERE m.id = $1 AND s.message_id = $1 AND ($2::text IS NULL OR m.client_app_id = $2)`,
    [messageId, clientAppId],
  );
  return message ?? null;
}

const recipientsOf = (rows: Iterable<LockedRow>): string[] => [...rows].map((row) => row.recipient);
const ordinalsOf = (rows: Iterable<LockedRow>): number[] => [...rows].map((row) => ordinalOf(row.seq));

/** First and last seq of so many receivers from this ordinal on. */
const seqsOf = (ordinal: number, receivers: number): [number, number] => [
  ordinal * STEPS_PER_RECIPIENT,
  (ordinal + receivers) * STEPS_PER_RECIPIENT - 1,
];
