import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, deliveryStatusName, type Channel, type DeliveryStatus, type OutcomeClass } from '#contracts';
import { Database } from '../connection/database.js';

/** One provider call, as the ledger keeps it. Times are ISO 8601 with offset. */
export interface AttemptRow {
  attempt: number;
  startedAt: string;
  finishedAt: string;
  provider: string;
  account: string;
  outcome: OutcomeClass;
  code: string | null;
  words: string | null;
  isPossibleDuplicate: boolean;
}

export interface DeliveryRow {
  seq: number;
  /** User id; empty for people outside the directory. */
  recipient: string;
  channel: Channel;
  address: string;
  name: string | null;
  status: DeliveryStatus;
  provider: string | null;
  attempts: number;
  errorCode: string | null;
  errorText: string | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  settledAt: Date | null;
  /** Code of `INBOX_STATE`; null: it stands in no inbox. */
  inboxState: number | null;
  /** Of what waits to be tried: when that is at the latest. */
  nextTryAt: Date | null;
  ledger: AttemptRow[];
}

/** Reads the deliveries of one message with their attempts. */
@Injectable()
export class DeliveryLogRepository {
  constructor(private readonly database: Database) {}

  /**
   * In the order of `seq` (audience, then plan), after `afterSeq`. `sending` is nowhere stored: it is said of what a
   * worker holds at this moment.
   * @param recipient null: everybody
   */
  async list(messageId: string, afterSeq: number, recipient: string | null, limit: number): Promise<DeliveryRow[]> {
    const rows = await this.database.query<Omit<DeliveryRow, 'status'> & { status: number }>(
      `WITH page AS MATERIALIZED (
         SELECT * FROM delivery WHERE message_id = $1 AND seq > $2 AND ($3::text IS NULL OR recipient = $3) ORDER BY seq LIMIT $4
       ), waiting AS MATERIALIZED (
         SELECT k.seq, min(w.due_at) AS due_at FROM work w CROSS JOIN unnest(w.seqs) AS k(seq)
          WHERE w.message_id = $1 AND w.kind = 'deliver' AND w.lease_token IS NULL AND w.due_at > now()
            AND w.seqs[1] <= (SELECT max(seq) FROM page) AND w.seqs[cardinality(w.seqs)] >= (SELECT min(seq) FROM page)
          GROUP BY k.seq
       ), held AS MATERIALIZED (
         SELECT DISTINCT unnest(seqs) AS seq FROM work
          WHERE message_id = $1 AND kind = 'deliver' AND lease_token IS NOT NULL
       )
       SELECT d.seq, d.recipient, d.channel, d.address, d.name, d.provider, d.attempts,
              CASE WHEN d.status < ${DELIVERY_STATUS.sent} AND h.seq IS NOT NULL THEN ${DELIVERY_STATUS.sending} ELSE d.status END AS status,
              d.error_code AS "errorCode", d.error_text AS "errorText", d.sent_at AS "sentAt", d.delivered_at AS "deliveredAt",
              d.read_at AS "readAt", d.settled_at AS "settledAt", d.inbox_state AS "inboxState",
              w.due_at AS "nextTryAt", coalesce(l.ledger, '[]') AS ledger
         FROM page d
         LEFT JOIN waiting w ON w.seq = d.seq AND d.status < ${DELIVERY_STATUS.sent}
         LEFT JOIN held h ON h.seq = d.seq
         LEFT JOIN LATERAL (
           SELECT json_agg(json_build_object('attempt', a.attempt, 'startedAt', a.started_at, 'finishedAt', a.finished_at,
                    'provider', a.provider, 'account', a.account, 'outcome', a.outcome, 'code', a.code, 'words', a.words,
                    'isPossibleDuplicate', a.is_possible_duplicate) ORDER BY a.attempt) AS ledger
             FROM delivery_attempt a WHERE a.message_id = $1 AND a.seq = d.seq
         ) l ON true
        ORDER BY d.seq`,
      [messageId, afterSeq, recipient, limit],
    );
    return rows.map((row) => ({ ...row, status: deliveryStatusName(row.status) }));
  }
}
