import { Injectable } from '@nestjs/common';
import {
  DELIVERY_STATUS,
  STEPS_PER_RECIPIENT,
  deliveryStatusName,
  type Channel,
  type DeliveryStatus,
  type MessageStatus,
} from '#contracts';
import { Database } from '../connection/database.js';

const S = DELIVERY_STATUS;
/** Whoever opted out of the app was never meant to get it. */
const WAS_LEFT_OUT = `d.error_code = 'opted_out_of_app'`;
const WENT_OUT = `d.status IN (${S.sent}, ${S.delivered}, ${S.read})`;
const IS_UNDER_WAY = `d.status < ${S.sent}`;

/** How far a message has come, as its counters say: they follow the rows within moments. */
export interface MessageProgress {
  status: MessageStatus;
  /** People the message names itself; all there is before the fan-out. */
  named: number;
  /** Recipients fanned out so far. */
  recipients: number;
  /** Deliveries that are sent, delivered or read. */
  wentOut: number;
  /** Deliveries that ended otherwise. */
  endedBadly: number;
  /** A recipient has one delivery, so that `wentOut` counts people. */
  isOneEach: boolean;
}

/** Why one channel did not reach somebody. */
export interface FailedDelivery {
  channel: Channel;
  status: DeliveryStatus;
  code: string | null;
  /** The vendor's own. */
  words: string | null;
}

export interface FailedRecipient {
  /** User id, or the address of somebody outside the directory. */
  user: string;
  deliveries: FailedDelivery[];
}

/** Some recipients of a message, one after the other. */
export interface ProgressPage {
  succeeded: number;
  leftOut: number;
  failed: FailedRecipient[];
}

type StoredFailure = Omit<FailedRecipient, 'deliveries'> & {
  deliveries: (Omit<FailedDelivery, 'status'> & { status: number })[];
};

/** Outcomes by recipient: whoever any channel reached is reached. */
@Injectable()
export class ProgressRepository {
  constructor(private readonly database: Database) {}

  /** Null when unknown, or not of this app. */
  async find(messageId: string, appId: string): Promise<MessageProgress | null> {
    const [row] = await this.database.query<MessageProgress>(
      `SELECT s.status, s.next_ordinal AS recipients, s.sent + s.delivered + s.read AS "wentOut",
              s.unknown + s.failed + s.expired + s.cancelled + s.suppressed + s.skipped AS "endedBadly",
              jsonb_array_length(m.plan->'steps') <= 1 AND NOT coalesce((m.plan->>'portalAtOnce')::boolean, false) AS "isOneEach",
              coalesce(jsonb_array_length(m.audience->'users'), 0)
                + coalesce(jsonb_array_length(m.audience->'addresses'), 0) AS named
         FROM message m JOIN message_state s ON s.message_id = m.id
        WHERE m.id = $1 AND s.message_id = $1 AND m.client_app_id = $2`,
      [messageId, appId],
      'message_progress',
    );
    return row ?? null;
  }

  /** The recipients with ordinals from `fromOrdinal`, at most `limit`; those still under way are in none of the answers. */
  async page(messageId: string, fromOrdinal: number, limit: number): Promise<ProgressPage> {
    const [row] = await this.database.query<Omit<ProgressPage, 'failed'> & { failed: StoredFailure[] }>(
      `SELECT (count(*) FILTER (WHERE went_out))::int AS succeeded, (count(*) FILTER (WHERE was_left_out))::int AS "leftOut",
              coalesce(json_agg(json_build_object('user', r.user, 'deliveries', r.deliveries) ORDER BY r.ordinal)
                FILTER (WHERE NOT went_out AND NOT was_left_out AND NOT is_under_way), '[]') AS failed
         FROM (SELECT d.seq / ${STEPS_PER_RECIPIENT} AS ordinal, bool_or(${WENT_OUT}) AS went_out,
                      bool_and(coalesce(${WAS_LEFT_OUT}, false)) AS was_left_out, bool_or(${IS_UNDER_WAY}) AS is_under_way,
                      max(CASE WHEN d.recipient = '' THEN d.address ELSE d.recipient END) AS user,
                      json_agg(json_build_object('channel', d.channel, 'status', d.status, 'code', d.error_code,
                        'words', d.error_text) ORDER BY d.seq) FILTER (WHERE NOT (${WENT_OUT})) AS deliveries
                 FROM delivery d
                WHERE d.message_id = $1 AND d.seq >= $2 AND d.seq < $3
                GROUP BY d.seq / ${STEPS_PER_RECIPIENT}) r`,
      [messageId, fromOrdinal * STEPS_PER_RECIPIENT, (fromOrdinal + limit) * STEPS_PER_RECIPIENT],
      'progress_page',
    );
    const { failed = [], ...counts } = row ?? { succeeded: 0, leftOut: 0 };
    return { ...counts, failed: failed.map(named) };
  }
}

const named = ({ user, deliveries }: StoredFailure): FailedRecipient => ({
  user,
  deliveries: deliveries.map((delivery) => ({ ...delivery, status: deliveryStatusName(delivery.status) })),
});
