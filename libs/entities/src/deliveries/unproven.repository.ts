import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import { Database } from '../connection/database.js';
import type { DueWork } from '../work/work.repository.js';
import { FallbackRepository } from './fallback.repository.js';

const S = DELIVERY_STATUS;

/** Deliveries of mode `smart` whose proof did not arrive in time. */
@Injectable()
export class UnprovenRepository {
  constructor(
    private readonly database: Database,
    private readonly fallbacks: FallbackRepository,
  ) {}

  /** Starts the next channel of those still unproven, closes their step, removes the rows. One transaction. */
  async fallBack(rows: readonly DueWork[]): Promise<void> {
    const keys = rows.flatMap((row) => row.seqs.map((seq) => ({ messageId: row.message_id, seq })));
    await this.database.transaction(async (tx) => {
      const unproven = await tx.query<{ message_id: string; seq: number }>(
        `SELECT d.message_id, d.seq FROM unnest($1::uuid[], $2::int[]) AS k(m, s)
           JOIN delivery d ON d.message_id = k.m AND d.seq = k.s WHERE d.is_open AND d.status >= ${S.sent}
          ORDER BY d.message_id, d.seq FOR UPDATE OF d`,
        [keys.map((key) => key.messageId), keys.map((key) => key.seq)],
      );
      const open = unproven.map((row) => ({ messageId: row.message_id, seq: row.seq }));
      const started = await this.fallbacks.start(tx, open, 'unproven');
      const opened = new Map(started.map((row) => [`${row.message_id}/${row.seq}`, row.is_open ? 1 : 0]));
      await tx.query(
        `WITH k AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[]) AS k(m, s, opened)),
         closed AS (
           UPDATE delivery d SET is_open = false, error_code = 'no_proof' FROM k
            WHERE d.message_id = k.m AND d.seq = k.s RETURNING d.message_id, d.channel, d.status, k.opened
         )
         INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended)
         SELECT c.message_id, m.client_app_id, c.channel, c.status, c.status, 0, sum(1 - c.opened)
           FROM closed c JOIN message m ON m.id = c.message_id GROUP BY c.message_id, m.client_app_id, c.channel, c.status`,
        [
          open.map((key) => key.messageId),
          open.map((key) => key.seq),
          open.map((key) => opened.get(`${key.messageId}/${key.seq}`) ?? 0),
        ],
      );
      await tx.query('DELETE FROM work WHERE id = ANY($1::bigint[])', [rows.map((row) => row.id)]);
    });
  }
}
