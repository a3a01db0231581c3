import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { SettleRepository } from './settle.repository.js';

/** Deliveries whose time is over, whether or not any worker serves their channel. */
@Injectable()
export class ExpireRepository {
  constructor(
    private readonly database: Database,
    private readonly settlement: SettleRepository,
  ) {}

  /** Settles what expired and nobody holds, at most `limit` pieces of work, in one transaction. Answers how many. */
  expire(limit: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows = await tx.query<{ id: number; message_id: string; seqs: number[] }>(
        `WITH over AS MATERIALIZED (
           SELECT id FROM work WHERE kind = 'deliver' AND expires_at <= now() AND (lease_token IS NULL OR due_at <= now())
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )
         DELETE FROM work WHERE id = ANY(ARRAY(SELECT id FROM over)) RETURNING id, message_id, seqs`,
        [limit],
      );
      await this.settlement.settle(
        tx,
        rows.flatMap((row) =>
          row.seqs.map((seq) => ({
            messageId: row.message_id,
            seq,
            status: 'expired' as const,
            isOpen: false,
            isReported: true,
            errorCode: 'expired',
          })),
        ),
      );
      return rows.length;
    });
  }
}
