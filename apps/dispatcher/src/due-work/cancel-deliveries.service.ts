import { Injectable } from '@nestjs/common';
import { CancelRepository, Database, SettleRepository, TodoRepository, type DueWork } from '#entities';

const CHUNK = 5000;

/** Takes a cancelled message's to-dos back and settles what it had not sent yet. What a worker holds at this moment settles itself. */
@Injectable()
export class CancelDeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly cancels: CancelRepository,
    private readonly settlement: SettleRepository,
    private readonly todos: TodoRepository,
  ) {}

  async settle({ id, message_id: messageId }: DueWork): Promise<void> {
    await this.todos.withdraw(messageId);
    let after = -1;
    for (;;) {
      const seqs = await this.database.transaction(async (tx) => {
        const pending = await this.cancels.pendingOf(tx, messageId, after, CHUNK);
        await this.settlement.settle(
          tx,
          pending.map((seq) => ({ messageId, seq, status: 'cancelled', isOpen: false, isReported: true })),
        );
        if (pending.length < CHUNK) await tx.query('DELETE FROM work WHERE id = $1', [id]);
        return pending;
      });
      if (seqs.length < CHUNK) return;
      after = seqs.at(-1) ?? after;
    }
  }
}
