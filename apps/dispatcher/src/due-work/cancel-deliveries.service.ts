import { Injectable } from '@nestjs/common';
import { CancelRepository, Database, SettleRepository, type DueWork } from '#entities';

const CHUNK = 5000;

/** Settles what a cancelled message had not sent yet. What a worker holds at this moment settles itself. */
@Injectable()
export class CancelDeliveriesService {
  constructor(
    private readonly database: Database,
    private readonly cancels: CancelRepository,
    private readonly settlement: SettleRepository,
  ) {}

  async settle({ id, message_id: messageId }: DueWork): Promise<void> {
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
