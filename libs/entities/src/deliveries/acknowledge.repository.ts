import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import { Database } from '../connection/database.js';
import { SettleRepository } from './settle.repository.js';

const S = DELIVERY_STATUS;

export type AckResult = 'read' | 'unattributed' | 'unknown';

/** Which row of a recipient a reading proves: what reached him first of all, else what was still under way. */
const PLACE = `CASE WHEN d.status IN (${S.delivered}, ${S.read}) THEN 0 WHEN d.status = ${S.sent} THEN 1
  WHEN d.status < ${S.sent} THEN 2 ELSE 3 END`;

/** Somebody says that he has read it. The first word wins; a later one changes nothing. */
@Injectable()
export class AcknowledgeRepository {
  constructor(
    private readonly database: Database,
    private readonly settlement: SettleRepository,
  ) {}

  /** The delivery itself. @param at ISO time */
  async readDelivery(messageId: string, seq: number, at: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await this.settlement.settle(tx, [{ messageId, seq, status: 'read', isOpen: false, isReported: true, at }]);
    });
  }

  /**
   * The message, by its own id. Without a `userId` it counts for its only recipient; with several, or before it is
   * known who they are, nobody's state changes and the reading is kept unattributed.
   */
  async readMessage(messageId: string, userId: string | null, at: string): Promise<AckResult> {
    const rows = await this.database.query<{ seq: number | null; others: boolean }>(
      `SELECT d.seq, s.next_ordinal > 1 AS others
         FROM message_state s LEFT JOIN LATERAL (
           SELECT seq, status FROM delivery d
            WHERE d.message_id = s.message_id AND ($2::text IS NULL AND s.next_ordinal = 1 OR d.recipient = $2)
            ORDER BY ${PLACE}, d.seq LIMIT 1
         ) d ON true
        WHERE s.message_id = $1`,
      [messageId, userId],
    );
    const [row] = rows;
    if (!row) return 'unknown';
    if (userId === null && (row.others || row.seq === null)) {
      await this.database.query(
        'UPDATE message_state SET unattributed_reads = unattributed_reads + 1 WHERE message_id = $1',
        [messageId],
      );
      return 'unattributed';
    }
    if (row.seq === null) return 'unknown';
    await this.readDelivery(messageId, row.seq, at);
    return 'read';
  }
}
