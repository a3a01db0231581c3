import { Injectable } from '@nestjs/common';
import { CancelRepository, Database, SettleRepository, TodoRepository, type DueWork } from '#entities';

/** Deliveries of one step: far less than the claim of the work lasts. */
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

  /** A chunk of each, side by side: a message to a million holds up nobody's. One that fails is due again by itself. */
  async settle(due: readonly DueWork[]): Promise<void> {
    const results = await Promise.allSettled(due.map((work) => this.settleChunk(work)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** `seqs` of the work: the delivery up to which it is done. */
  private async settleChunk({ id, message_id: messageId, seqs }: DueWork): Promise<void> {
    const chunk = await this.cancels.chunkAfter(messageId, seqs[0] ?? -1, CHUNK);
    await this.todos.withdraw(messageId, chunk);
    await this.database.transaction(async (tx) => {
      const pending = await this.cancels.pendingOf(tx, messageId, chunk);
      await this.settlement.settle(
        tx,
        pending.map((seq) => ({ messageId, seq, status: 'cancelled', isOpen: false, isReported: true })),
      );
      await this.cancels.advance(tx, id, chunk);
    });
  }
}
