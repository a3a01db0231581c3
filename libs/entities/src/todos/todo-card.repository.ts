import { Injectable } from '@nestjs/common';
import { INBOX_STATE, STEPS_PER_RECIPIENT, type Channel } from '#contracts';
import { Database, type Sql } from '../connection/database.js';

/** A card that was sent and can be changed later. */
export interface NewTodoCard {
  messageId: string;
  seq: number;
  channel: Channel;
  /** `<channel>:<account id>`. */
  account: string;
  address: string;
  /** What the vendor wants to see when the card is changed. */
  code: string;
  /** For how long the vendor takes it. */
  lastsS: number;
}

/** A card whose to-do is done, in the hands of one worker. */
export interface DueTodoCard {
  message_id: string;
  seq: number;
  account: string;
  address: string;
  code: string;
  /** Times it was claimed, this one too. */
  attempts: number;
}

/** A claimed card is nobody else's for so long. */
const LEASE_S = 60;

/** Cards of to-dos: kept when they are sent, due when the to-do is closed, gone when they show it. */
@Injectable()
export class TodoCardRepository {
  constructor(private readonly database: Database) {}

  /**
   * Keeps cards that went out. A to-do that was closed meanwhile makes its card due at once: the portal rows, which are the
   * to-dos, are locked in the order in which closing locks them, so one of the two sees the other.
   */
  async keep(cards: readonly NewTodoCard[]): Promise<void> {
    if (cards.length === 0) return;
    await this.database.query(
      `WITH c AS MATERIALIZED (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS x("messageId" uuid, seq int, channel text, account text, address text,
                code text, "lastsS" int)
       ), todo AS MATERIALIZED (
         SELECT d.message_id, d.seq / ${STEPS_PER_RECIPIENT} AS ordinal, d.inbox_state
           FROM c JOIN delivery d ON d.message_id = c."messageId"
            AND d.seq BETWEEN c.seq / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT}
                          AND c.seq / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT} + ${STEPS_PER_RECIPIENT - 1}
          WHERE d.channel = 'portal' AND d.inbox_state IS NOT NULL
          ORDER BY d.message_id, d.seq FOR SHARE OF d
       )
       INSERT INTO todo_card (message_id, seq, channel, account, address, code, expires_at, due_at)
       SELECT c."messageId", c.seq, c.channel, c.account, c.address, c.code, now() + c."lastsS" * interval '1 second',
              CASE WHEN EXISTS (SELECT FROM todo t WHERE t.message_id = c."messageId" AND t.ordinal = c.seq / ${STEPS_PER_RECIPIENT}
                                   AND t.inbox_state = ${INBOX_STATE.done}) THEN now() END
         FROM c
       ON CONFLICT (message_id, seq) DO UPDATE SET account = excluded.account, address = excluded.address, code = excluded.code,
          expires_at = excluded.expires_at, due_at = excluded.due_at, attempts = 0`,
      [JSON.stringify(cards)],
    );
  }

  /**
   * The cards of a closed to-do are due, those of one that was opened again wait. In the transaction that changes the to-do, after it
   * has changed the portal rows.
   * @param ordinals of the receivers for whom it was changed, ascending
   */
  async follow(tx: Sql, messageId: string, state: 'open' | 'done', ordinals: readonly number[]): Promise<void> {
    const [first, last] = [ordinals[0], ordinals.at(-1)];
    if (first === undefined || last === undefined) return;
    await tx.query(
      `UPDATE todo_card SET due_at = CASE WHEN $4 THEN now() END
        WHERE message_id = $1 AND seq BETWEEN $2 AND $3 AND seq / ${STEPS_PER_RECIPIENT} = ANY($5::int[])
          AND (due_at IS NULL) = $4`,
      [
        messageId,
        first * STEPS_PER_RECIPIENT,
        last * STEPS_PER_RECIPIENT + STEPS_PER_RECIPIENT - 1,
        state === 'done',
        ordinals,
      ],
    );
  }

  /** Takes due cards of a channel that the vendor still takes, oldest first. What is not answered for is due again when the lease is over. */
  claimDue(channel: Channel, limit: number): Promise<DueTodoCard[]> {
    return this.database.query<DueTodoCard>(
      `WITH due AS MATERIALIZED (
         SELECT message_id, seq FROM todo_card WHERE channel = $1 AND due_at <= now() AND expires_at > now()
          ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE todo_card c SET due_at = now() + interval '${LEASE_S} seconds', attempts = c.attempts + 1
         FROM due WHERE c.message_id = due.message_id AND c.seq = due.seq
       RETURNING c.message_id, c.seq, c.account, c.address, c.code, c.attempts`,
      [channel, limit],
    );
  }

  /** Cards that nothing more can or need be done about. */
  async drop(cards: readonly DueTodoCard[]): Promise<void> {
    if (cards.length === 0) return;
    await this.database.query(
      `DELETE FROM todo_card c USING unnest($1::uuid[], $2::int[], $3::text[]) AS x(m, s, code)
        WHERE c.message_id = x.m AND c.seq = x.s AND c.code = x.code`,
      [cards.map((card) => card.message_id), cards.map(({ seq }) => seq), cards.map(({ code }) => code)],
    );
  }
}
