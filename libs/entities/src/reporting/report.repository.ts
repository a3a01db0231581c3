import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, STEPS_PER_RECIPIENT, deliveryStatusName, type DeliveryStatus } from '#contracts';
import { Database } from '../connection/database.js';
import { decodeDeliveryRef } from '../deliveries/delivery-ref.js';
import { firstIdAt } from '../messages/message-id.js';

const S = DELIVERY_STATUS;

/** A recipient's line of a message's report: his best outcome over all channels and fallbacks. */
export interface ReportLine {
  ordinal: number;
  /** User id, or the address of somebody outside the directory. */
  uid: string;
  status: DeliveryStatus;
  channel: string;
  at: Date | null;
  error: string | null;
}

/** Best first: what proves most, then what is still going on, then the failures. */
const BEST = `CASE d.status WHEN ${S.read} THEN 0 WHEN ${S.delivered} THEN 1 WHEN ${S.sent} THEN 2
  WHEN ${S.pending} THEN 3 WHEN ${S.sending} THEN 3 WHEN ${S.retrying} THEN 3
  WHEN ${S.unknown} THEN 4 WHEN ${S.failed} THEN 5 WHEN ${S.expired} THEN 6 WHEN ${S.suppressed} THEN 7
  WHEN ${S.cancelled} THEN 8 ELSE 9 END`;

export interface MessageOverview {
  client_app_id: string;
  status: string;
  recipients: number;
  /** People the message names itself, users and addresses. */
  named: number;
  /** It also goes to the members of tags. */
  has_tags: boolean;
}

export interface FoundDelivery {
  message_id: string;
  seq: number;
  client_app_id: string;
}

/** Reads what happened. Every query walks one message by its key. */
@Injectable()
export class ReportRepository {
  constructor(private readonly database: Database) {}

  /** Null when unknown; `recipients` counts those fanned out so far. */
  async overview(messageId: string): Promise<MessageOverview | null> {
    const [row] = await this.database.query<MessageOverview>(
      `SELECT m.client_app_id, s.status, s.next_ordinal AS recipients,
              coalesce(jsonb_array_length(m.audience->'users'), 0)
                + coalesce(jsonb_array_length(m.audience->'addresses'), 0) AS named,
              m.audience ? 'tagIds' AS has_tags
         FROM message_state s JOIN message m ON m.id = s.message_id WHERE s.message_id = $1`,
      [messageId],
      'message_overview',
    );
    return row ?? null;
  }

  /** One line a recipient, from `fromOrdinal`, at most `limit`. */
  async lines(messageId: string, fromOrdinal: number, limit: number): Promise<ReportLine[]> {
    const rows = await this.database.query<Omit<ReportLine, 'status'> & { status: number }>(
      `SELECT DISTINCT ON (d.seq / ${STEPS_PER_RECIPIENT}) d.seq / ${STEPS_PER_RECIPIENT} AS ordinal,
              CASE WHEN d.recipient = '' THEN d.address ELSE d.recipient END AS uid, d.status, d.channel,
              coalesce(d.read_at, d.delivered_at, d.sent_at, d.settled_at) AS at, d.error_code AS error
         FROM delivery d
        WHERE d.message_id = $1 AND d.seq >= $2 AND d.seq < $3
        ORDER BY d.seq / ${STEPS_PER_RECIPIENT}, ${BEST}, d.seq`,
      [messageId, fromOrdinal * STEPS_PER_RECIPIENT, (fromOrdinal + limit) * STEPS_PER_RECIPIENT],
      'report_lines',
    );
    return rows.map((row) => ({ ...row, status: deliveryStatusName(row.status) }));
  }

  /** The delivery behind a per-delivery reference; null when there is none. */
  async findByRef(ref: string): Promise<FoundDelivery | null> {
    const parts = decodeDeliveryRef(ref);
    if (!parts) return null;
    const [row] = await this.database.query<FoundDelivery>(
      `SELECT d.message_id, d.seq, m.client_app_id FROM message m
         JOIN delivery d ON d.message_id = m.id AND d.seq = $3 AND d.ref = $4
        WHERE m.id >= $1 AND m.id < $2`,
      [firstIdAt(parts.timeMs), firstIdAt(parts.timeMs + 1), parts.seq, parts.secret],
      'find_by_ref',
    );
    return row ?? null;
  }

  /**
   * Who a message that is not fanned out yet goes to: those whom it names, then the members of its tags at acceptance. A report
   * asked for right after the send shows them as pending.
   */
  async awaited(messageId: string, from: number, limit: number): Promise<{ uid: string }[]> {
    return this.database.query<{ uid: string }>(
      `${AWAITED} SELECT uid FROM awaited ORDER BY place, uid OFFSET $2 LIMIT $3`,
      [messageId, from, limit],
    );
  }

  /** How many those are. Only for the moment before the fan-out, which counts for good. */
  async awaitedTotal(messageId: string): Promise<number> {
    const [row] = await this.database.query<{ n: number }>(`${AWAITED} SELECT count(*)::int AS n FROM awaited`, [
      messageId,
    ]);
    return row?.n ?? 0;
  }
}

const AWAITED = `
WITH m AS MATERIALIZED (SELECT audience, accepted_at FROM message WHERE id = $1),
named AS MATERIALIZED (
  SELECT coalesce(e.value->>'id', e.value->>'address') AS uid, e.ord AS place, e.value ? 'id' AS is_user
    FROM m CROSS JOIN LATERAL jsonb_array_elements(
      coalesce(m.audience->'users', '[]') || coalesce(m.audience->'addresses', '[]')) WITH ORDINALITY AS e(value, ord)
), member AS (
  SELECT DISTINCT tm.user_id AS uid
    FROM m CROSS JOIN LATERAL jsonb_array_elements_text(m.audience->'tagIds') AS t(id)
    JOIN tag_member tm ON tm.tag_id = t.id::bigint
   WHERE tm.added_at <= m.accepted_at AND (tm.removed_at IS NULL OR tm.removed_at > m.accepted_at)
), awaited AS (
  SELECT uid, place FROM named
   UNION ALL
  SELECT uid, NULL FROM member WHERE NOT EXISTS (SELECT FROM named n WHERE n.is_user AND n.uid = member.uid)
)`;
