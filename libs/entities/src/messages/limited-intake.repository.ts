import { Injectable } from '@nestjs/common';
import { SmsBudgetRepository, type SegmentsOfApp } from '../accounts/sms-budget.repository.js';
import { Database, type Sql } from '../connection/database.js';
import { insertMessages } from './insert-messages.sql.js';
import type { InsertResult, NewMessage } from './new-message.js';
import { OpenTodoRepository, type OpenTodoKey } from './open-todo.repository.js';

/** What the to-dos of one round say of its messages. */
interface Sorted {
  /** Nobody has their to-do open. */
  free: NewMessage[];
  /** An earlier message of the round has the same to-do: they have their turn when it is known whether that one is stored. */
  blocked: NewMessage[];
  /** Message id → users who have its to-do open. */
  refused: Map<string, string[]>;
}

/** Messages that are stored with what they take, or not at all: segments of an SMS budget, and to-dos that nobody has open. */
@Injectable()
export class LimitedIntakeRepository {
  constructor(
    private readonly database: Database,
    private readonly budgets: SmsBudgetRepository,
    private readonly openTodos: OpenTodoRepository,
  ) {}

  /** One transaction. A message without an answer lost the race for its idempotency key. */
  insert(batch: readonly NewMessage[]): Promise<Map<string, InsertResult>> {
    return this.database.transaction(async (tx) => {
      const results = new Map<string, InsertResult>();
      // The first message of a round is never blocked, so that every round decides at least one.
      let waiting = batch;
      while (waiting.length > 0) {
        const { free, blocked, refused } = await this.openAll(tx, waiting);
        for (const [messageId, userIds] of refused) results.set(messageId, { kind: 'todo-duplicate', userIds });
        for (const [messageId, result] of await this.store(tx, free)) results.set(messageId, result);
        waiting = blocked;
      }
      return results;
    });
  }

  /** Opens the to-dos of all messages that can have all of theirs, and of no other. */
  private async openAll(tx: Sql, messages: readonly NewMessage[]): Promise<Sorted> {
    const { keys, blocked } = distinctKeys(messages);
    const held = await this.openTodos.open(tx, keys);
    const refused = new Map<string, string[]>();
    keys.forEach(({ messageId, userId }, place) => {
      if (held.has(place)) refused.set(messageId, [...(refused.get(messageId) ?? []), userId]);
    });
    const isFree = ({ id }: NewMessage): boolean => !refused.has(id) && !blocked.has(id);
    const sorted = {
      free: messages.filter(isFree),
      blocked: messages.filter(({ id }) => blocked.has(id) && !refused.has(id)),
      refused,
    };
    await this.openTodos.forget(
      tx,
      messages.filter((message) => message.openTodo && !isFree(message)).map(({ id }) => id),
    );
    return sorted;
  }

  /** With their SMS segments, or not at all. What was taken for a message that is not stored is given back. */
  private async store(tx: Sql, messages: readonly NewMessage[]): Promise<Map<string, InsertResult>> {
    const counted = messages.filter(({ plan }) => plan.smsSegments !== undefined);
    const answers = counted.length > 0 ? await this.budgets.reserve(tx, counted.map(segmentsOf)) : [];
    const uncovered = new Set(counted.filter((_, place) => !answers[place]));
    const covered = messages.filter((message) => !uncovered.has(message));
    const results = covered.length > 0 ? await insertMessages(tx, covered) : new Map<string, InsertResult>();
    const unstored = covered.filter(({ id }) => results.get(id)?.kind !== 'accepted');
    await this.budgets.giveBackToday(tx, unstored.filter(({ plan }) => plan.smsSegments !== undefined).map(segmentsOf));
    await this.openTodos.forget(
      tx,
      [...unstored, ...uncovered].filter(({ openTodo }) => openTodo).map(({ id }) => id),
    );
    for (const { id } of uncovered) results.set(id, { kind: 'over-sms-quota' });
    return results;
  }
}

/** The to-dos of a round, each for the first message that names it, and the messages that name one of an earlier message. */
function distinctKeys(messages: readonly NewMessage[]): { keys: OpenTodoKey[]; blocked: Set<string> } {
  const keys = new Map<string, OpenTodoKey>();
  const blocked = new Set<string>();
  for (const { id, clientAppId, openTodo, audience } of messages) {
    if (!openTodo) continue;
    for (const { id: userId } of audience.users ?? []) {
      const text = [clientAppId, openTodo.digest, userId].join('\n');
      if (keys.has(text)) blocked.add(id);
      else keys.set(text, { appId: clientAppId, digest: openTodo.digest, userId, messageId: id });
    }
  }
  return { keys: [...keys.values()], blocked };
}

const segmentsOf = ({ clientAppId, plan }: NewMessage): SegmentsOfApp => ({
  appId: clientAppId,
  segments: plan.smsSegments ?? 0,
});
