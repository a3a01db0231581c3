import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import type { DueWork } from '../work/work.repository.js';

/** Deliveries that a provider took and of which it said nothing more within the time its account is given. */
@Injectable()
export class UnansweredRepository {
  constructor(private readonly database: Database) {}

  /**
   * Those still unanswered become due again, through another account than those that had their turn; the rows go. One
   * transaction. Answers for how many deliveries.
   */
  async sendAgain(rows: readonly DueWork[]): Promise<number> {
    const messageIds = rows.map((row) => row.message_id).sort();
    const ids = rows.map((row) => row.id);
    return this.database.transaction(async (tx) => {
      const again = await tx.query<{ deliveries: number }>(
        `WITH silent AS (
           SELECT w.id, d.seq FROM work w CROSS JOIN unnest(w.seqs) AS k(seq)
             JOIN delivery d ON d.message_id = w.message_id AND d.seq = k.seq AND d.message_id BETWEEN $2 AND $3
             JOIN message_state s ON s.message_id = w.message_id AND s.message_id BETWEEN $2 AND $3
            WHERE w.id = ANY($1::bigint[]) AND d.status = ${DELIVERY_STATUS.sent} AND s.cancel_requested_at IS NULL
              AND (w.expires_at IS NULL OR w.expires_at > now())
         )
         INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, expires_at, avoid)
         SELECT 'deliver', w.message_id, w.app_id, w.channel, w.priority, array_agg(s.seq ORDER BY s.seq), now(), w.expires_at,
                w.avoid
           FROM silent s JOIN work w ON w.id = s.id GROUP BY w.id
         RETURNING cardinality(seqs) AS deliveries`,
        [ids, messageIds[0], messageIds.at(-1)],
      );
      await tx.query('DELETE FROM work WHERE id = ANY($1::bigint[])', [ids]);
      return again.reduce((sum, row) => sum + row.deliveries, 0);
    });
  }

  /** Counts the provider calls of deliveries that went out before: to be sent again raises no status that could count them. */
  async countAgain(tx: Sql, calls: readonly { messageId: string; seq: number; provider: string }[]): Promise<void> {
    if (calls.length === 0) return;
    await tx.query(
      `WITH c AS (
         SELECT d.message_id, d.seq, k.provider FROM unnest($1::uuid[], $2::int[], $3::text[]) AS k(message_id, seq, provider)
           JOIN delivery d USING (message_id, seq) ORDER BY d.message_id, d.seq FOR UPDATE OF d
       )
       UPDATE delivery d SET attempts = d.attempts + 1, provider = c.provider FROM c
        WHERE d.message_id = c.message_id AND d.seq = c.seq`,
      [calls.map((call) => call.messageId), calls.map((call) => call.seq), calls.map((call) => call.provider)],
    );
  }
}
