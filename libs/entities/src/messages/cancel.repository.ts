import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import { SmsBudgetRepository } from '../accounts/sms-budget.repository.js';
import { Database, type Sql } from '../connection/database.js';
import { OpenTodoRepository } from './open-todo.repository.js';

export type CancelResult = 'cancelling' | 'cancelled' | 'too_late' | 'unknown';

/** Deliveries of one message: `after` is not among them, `upTo` is. */
export interface SeqRange {
  after: number;
  upTo: number;
}

/** Comes after every delivery. */
const END = 2 ** 31 - 1;

/** Stops a message: what has not gone out will not. */
@Injectable()
export class CancelRepository {
  constructor(
    private readonly database: Database,
    private readonly budgets: SmsBudgetRepository,
    private readonly openTodos: OpenTodoRepository,
  ) {}

  /** @param clientAppId the owner; null for an administrator. Another app's message is unknown. */
  cancel(messageId: string, clientAppId: string | null): Promise<CancelResult> {
    return this.database.transaction(async (tx) => {
      const [state] = await tx.query<{ status: string; started: boolean; asked: boolean }>(
        `SELECT s.status, s.chains > 0 OR s.cursor IS NOT NULL AS started, s.cancel_requested_at IS NOT NULL AS asked
           FROM message_state s JOIN message m ON m.id = s.message_id
          WHERE s.message_id = $1 AND ($2::text IS NULL OR m.client_app_id = $2) FOR UPDATE OF s`,
        [messageId, clientAppId],
      );
      if (!state) return 'unknown';
      if (state.status === 'cancelled') return 'cancelled';
      if (state.asked) return 'cancelling';
      if (state.status === 'completed' || state.status === 'expired') return 'too_late';
      await this.openTodos.forget(tx, [messageId]);
      // What ends the chains stays: the fan-out finds out that it is cancelled, a proof in wait still closes its step.
      await tx.query('DELETE FROM work WHERE message_id = $1 AND lease_token IS NULL AND NOT kind = ANY($2::text[])', [
        messageId,
        state.started ? ['fan_out', 'proof'] : [],
      ]);
      if (!state.started) {
        await this.budgets.refundUnsent(tx, messageId);
        await tx.query(
          `UPDATE message_state SET status = 'cancelled', cancel_requested_at = now(), expected = 0, completed_at = now()
            WHERE message_id = $1`,
          [messageId],
        );
        return 'cancelled';
      }
      await tx.query('UPDATE message_state SET cancel_requested_at = now() WHERE message_id = $1', [messageId]);
      await tx.query(
        `INSERT INTO work (kind, message_id, app_id, priority, due_at)
         SELECT 'cancel', id, client_app_id, 0, now() FROM message WHERE id = $1`,
        [messageId],
      );
      return 'cancelling';
    });
  }

  /** The next `limit` deliveries after that one; `isLast`: there are no more. */
  async chunkAfter(messageId: string, after: number, limit: number): Promise<SeqRange & { isLast: boolean }> {
    const [end] = await this.database.query<{ seq: number }>(
      'SELECT seq FROM delivery WHERE message_id = $1 AND seq > $2 ORDER BY seq OFFSET $3 LIMIT 1',
      [messageId, after, limit - 1],
    );
    return end ? { after, upTo: end.seq, isLast: false } : { after, upTo: END, isLast: true };
  }

  /** Those of a cancelled message that nobody holds and that have not gone out, in key order. */
  async pendingOf(tx: Sql, messageId: string, { after, upTo }: SeqRange): Promise<number[]> {
    const rows = await tx.query<{ seq: number }>(
      `SELECT d.seq FROM delivery d
        WHERE d.message_id = $1 AND d.seq > $2 AND d.seq <= $3 AND d.is_open AND d.status < ${DELIVERY_STATUS.sent}
          AND NOT EXISTS (SELECT FROM work w WHERE w.message_id = $1 AND w.kind = 'deliver' AND d.seq = ANY(w.seqs))
        ORDER BY d.seq`,
      [messageId, after, upTo],
    );
    return rows.map((row) => row.seq);
  }

  /** The chunk is done: the next one waits its turn behind other cancellations. */
  async advance(tx: Sql, workId: number, { upTo, isLast }: { upTo: number; isLast: boolean }): Promise<void> {
    if (isLast) await tx.query('DELETE FROM work WHERE id = $1', [workId]);
    else await tx.query('UPDATE work SET seqs = ARRAY[$2::int], due_at = now() WHERE id = $1', [workId, upTo]);
  }
}
