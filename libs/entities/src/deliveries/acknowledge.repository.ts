import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import { Database } from '../connection/database.js';
import { SettleRepository } from './settle.repository.js';

const S = DELIVERY_STATUS;

/** `awaited`: the recipients of the message are not all known yet, nor is who read it among those that are. */
export type AckResult = 'read' | 'unattributed' | 'awaited' | 'unknown';

/** Which row of a recipient a reading proves: what reached him first of all, else what was still under way. */
const PLACE = `CASE WHEN d.status IN (${S.delivered}, ${S.read}) THEN 0 WHEN d.status = ${S.sent} THEN 1
  WHEN d.status < ${S.sent} THEN 2 ELSE 3 END`;

/** States of a message whose recipients are not all known yet, but soon will be. */
const COMING: ReadonlySet<string> = new Set(['accepted', 'dispatching']);

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
   * The message, by its own id. Without a `userId` it counts for its only recipient; with several nobody's state changes
   * and the reading is kept unattributed. Before the recipients are known nothing is changed.
   */
  async readMessage(messageId: string, userId: string | null, at: string): Promise<AckResult> {
    const rows = await this.database.query<{ seq: number | null; others: boolean; status: string }>(
      `SELECT d.seq, s.next_ordinal > 1 AS others, s.status
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
    const isOfSeveral = userId === null && row.others;
    // While recipients are still coming, one that is alone may not stay so.
    if (!isOfSeveral && COMING.has(row.status) && (row.seq === null || userId === null)) return 'awaited';
    if (isOfSeveral || (userId === null && row.seq === null) || row.status === 'scheduled') {
      await this.readUnattributed(messageId);
      return 'unattributed';
    }
    if (row.seq === null) return 'unknown';
    await this.readDelivery(messageId, row.seq, at);
    return 'read';
  }

  /** Somebody has read it, and nobody can say who. */
  async readUnattributed(messageId: string): Promise<void> {
    await this.database.query(
      'UPDATE message_state SET unattributed_reads = unattributed_reads + 1 WHERE message_id = $1',
      [messageId],
    );
  }
}
