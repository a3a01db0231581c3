import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS } from '#contracts';
import type { Sql } from '../connection/database.js';
import { SettleRepository } from '../deliveries/settle.repository.js';

/** Up to so many deliveries, work is asked for each of them; beyond, whether it is about any between the first and the last. */
const FEW = 64;

/**
 * Work that nobody holds loses the deliveries $2 of message $1. What is in other hands at this moment is left there: its worker asks
 * once more before it calls the provider. Nobody is waited for, so that nobody waits in a circle. $3 they are few; else $4 the first of them, $5 the last
 */
const TAKE_OUT = `
WITH closed AS (
  SELECT unnest($2::int[]) AS seq
), free AS MATERIALIZED (
  SELECT id, kind, seqs FROM work
   WHERE message_id = $1 AND kind IN ('deliver', 'proof', 'receipt') AND lease_token IS NULL
     AND CASE WHEN $3 THEN seqs && $2::int[] ELSE $4 <= ANY(seqs) AND $5 >= ANY(seqs) END
   ORDER BY id FOR UPDATE SKIP LOCKED
), named AS MATERIALIZED (
  SELECT free.id, free.kind, u.seq, u.place, closed.seq IS NOT NULL AS is_closed
    FROM free CROSS JOIN LATERAL unnest(free.seqs) WITH ORDINALITY AS u(seq, place) LEFT JOIN closed ON closed.seq = u.seq
), rest AS MATERIALIZED (
  SELECT id, array_agg(seq ORDER BY place) FILTER (WHERE NOT is_closed) AS seqs FROM named GROUP BY id HAVING bool_or(is_closed)
), kept AS (
  UPDATE work w SET seqs = rest.seqs FROM rest WHERE w.id = rest.id AND rest.seqs IS NOT NULL
), gone AS (
  DELETE FROM work w USING rest WHERE w.id = rest.id AND rest.seqs IS NULL
)
SELECT seq FROM named WHERE is_closed AND kind = 'deliver' ORDER BY seq`;

/** What went out and waited for its proof waits no longer: its chain has ended without another channel. */
const STOP_WAITING = `
WITH closed AS (
  UPDATE delivery SET is_open = false
   WHERE message_id = $1 AND seq = ANY($2::int[]) AND is_open AND status >= ${DELIVERY_STATUS.sent} RETURNING channel, status
)
INSERT INTO settlement (message_id, app_id, channel, from_status, to_status, count, ended)
SELECT m.id, m.client_app_id, c.channel, c.status, c.status, 0, count(*)
  FROM closed c CROSS JOIN message m WHERE m.id = $1 GROUP BY m.id, m.client_app_id, c.channel, c.status`;

/** Ends what a closed to-do still had to send. */
@Injectable()
export class TodoDeliveriesRepository {
  constructor(private readonly settlement: SettleRepository) {}

  /** @param seqs open deliveries of the message, ascending, locked by `tx` */
  async stop(tx: Sql, messageId: string, seqs: readonly number[]): Promise<void> {
    if (seqs.length === 0) return;
    const unsent = await tx.query<{ seq: number }>(TAKE_OUT, [
      messageId,
      seqs,
      seqs.length <= FEW,
      seqs[0],
      seqs.at(-1),
    ]);
    await this.settlement.settle(
      tx,
      unsent.map(({ seq }) => ({
        messageId,
        seq,
        status: 'skipped',
        isOpen: false,
        isReported: true,
        errorCode: 'todo_done',
      })),
    );
    await tx.query(STOP_WAITING, [messageId, seqs]);
  }

  /** The same for the reminders of a to-do that are under way to these people. */
  async stopReminders(tx: Sql, todoId: string, userIds: readonly string[]): Promise<void> {
    const reminders = await tx.query<{ id: string }>(
      `SELECT m.id FROM message m
        WHERE m.reminder_of = $1 AND (SELECT true FROM work w WHERE w.message_id = m.id LIMIT 1)
        ORDER BY m.id`,
      [todoId],
    );
    for (const { id } of reminders) {
      const open = await tx.query<{ seq: number }>(
        `SELECT seq FROM delivery
          WHERE message_id = $1 AND recipient = ANY($2::text[]) AND inbox_state IS NULL AND is_open ORDER BY seq FOR UPDATE`,
        [id, userIds],
      );
      await this.stop(
        tx,
        id,
        open.map(({ seq }) => seq),
      );
    }
  }
}
