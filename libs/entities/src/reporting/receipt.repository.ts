import { Injectable } from '@nestjs/common';
import {
  DELIVERY_STATUS,
  PORTAL_BESIDE_STEP,
  STEPS_PER_RECIPIENT,
  deliveryStatusName,
  rankOf,
  type Channel,
  type SuccessState,
} from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { FallbackRepository } from '../deliveries/fallback.repository.js';
import { SettleRepository, type SettledOutcome } from '../deliveries/settle.repository.js';
import { AddressHygieneRepository, type DeadAddress } from '../directory/address-hygiene.repository.js';
import { addressAccountOf } from './provider-news.js';

interface MatchedReceipt {
  id: number;
  account: string;
  message_id: string | null;
  seq: number;
  status: number;
  code: string | null;
  words: string | null;
  at: Date;
  is_address_dead: boolean;
  channel: Channel | null;
  address: string | null;
  sent_at: Date | null;
  is_open: boolean | null;
  success_when: SuccessState | null;
  /** Of the delivery before this word. */
  status_before: number | null;
  /** The chain went on to another channel before this word came … */
  has_next: boolean | null;
  /** … which has reached the recipient, or still may. */
  may_reach_twice: boolean | null;
}

export interface MatchedReceipts {
  matched: number;
  /** Channels of the deliveries that turned out to have arrived after their recipient was sent the message through another one. */
  arrivedLate: Channel[];
}

/**
 * Receipts that match nothing yet are looked at again after this, then ever more rarely, until they are dropped as stale.
 * A quick provider's word may be here before the commit of its send: that is a matter of seconds.
 */
const LOOK_AGAIN_S = 2;

const ARRIVED = rankOf('delivered');

/** Final statuses of deliveries that the recipient has not got. */
const REACHED_NOBODY = [
  DELIVERY_STATUS.failed,
  DELIVERY_STATUS.expired,
  DELIVERY_STATUS.cancelled,
  DELIVERY_STATUS.suppressed,
  DELIVERY_STATUS.skipped,
];

/** Providers' later words: matched to their deliveries whenever both are there, in whichever order they came. */
@Injectable()
export class ReceiptRepository {
  constructor(
    private readonly database: Database,
    private readonly settlement: SettleRepository,
    private readonly fallbacks: FallbackRepository,
    private readonly hygiene: AddressHygieneRepository,
  ) {}

  /** Settles due receipts, at most `limit`, in one transaction. */
  matchDue(limit: number): Promise<MatchedReceipts> {
    return this.database.transaction(async (tx) => {
      const receipts = await this.takeDue(tx, limit);
      const matched = receipts.filter((receipt) => receipt.message_id !== null);
      if (matched.length === 0) return { matched: 0, arrivedLate: [] };
      // Of several words about one delivery the strongest counts: settle takes one outcome a delivery.
      const strongest = new Map<string, MatchedReceipt>();
      for (const receipt of matched) {
        const key = `${receipt.message_id}/${receipt.seq}`;
        if ((strongest.get(key)?.status ?? -1) < receipt.status) strongest.set(key, receipt);
      }
      const words = [...strongest.values()];
      const failures = words.filter((receipt) => receipt.status === DELIVERY_STATUS.failed);
      const started = await this.fallbacks.start(tx, failures.map(keyOf), 'failed');
      const opened = new Map(started.map((row) => [`${row.message_id}/${row.seq}`, row.is_open ? 1 : 0]));
      await this.settlement.settle(
        tx,
        words.map((receipt) => outcomeOf(receipt, opened)),
      );
      await this.hygiene.suspend(tx, matched.flatMap(deadAddressOf));
      const ids = matched.map((receipt) => receipt.id);
      await tx.query('DELETE FROM receipt WHERE id = ANY($1::bigint[])', [ids]);
      return { matched: matched.length, arrivedLate: words.flatMap(lateArrivalOf) };
    });
  }

  private takeDue(tx: Sql, limit: number): Promise<MatchedReceipt[]> {
    return tx.query<MatchedReceipt>(
      `WITH due AS MATERIALIZED (
         SELECT id FROM receipt WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
       ), taken AS (
         UPDATE receipt SET due_at = now() + greatest(interval '${LOOK_AGAIN_S} seconds', now() - received_at) WHERE id = ANY(ARRAY(SELECT id FROM due))
         RETURNING id, account, provider_id, status, code, words, at, is_address_dead, message_id, seq
       )
       SELECT t.id, t.account, f.message_id, f.seq, t.status, t.code, t.words, t.at, t.is_address_dead, d.channel, d.address,
              d.sent_at, d.is_open, d.status AS status_before,
              m.plan->'steps'->(f.seq % ${STEPS_PER_RECIPIENT})->>'successWhen' AS success_when,
              next.statuses IS NOT NULL AS has_next, NOT next.statuses <@ $2::smallint[] AS may_reach_twice
         FROM taken t
         LEFT JOIN provider_ref p ON t.message_id IS NULL AND p.account = t.account AND p.provider_id = t.provider_id
        CROSS JOIN LATERAL (SELECT coalesce(t.message_id, p.message_id) AS message_id, coalesce(t.seq, p.seq) AS seq) f
         LEFT JOIN delivery d ON d.message_id = f.message_id AND d.seq = f.seq
         LEFT JOIN message m ON m.id = f.message_id
         LEFT JOIN LATERAL (
           SELECT array_agg(n.status) AS statuses FROM delivery n
            WHERE m.plan->>'mode' IN ('any', 'smart') AND d.recipient <> '' AND n.message_id = f.message_id AND n.seq > f.seq
              AND n.seq < f.seq / ${STEPS_PER_RECIPIENT} * ${STEPS_PER_RECIPIENT} + ${PORTAL_BESIDE_STEP}
         ) next ON true`,
      [limit, REACHED_NOBODY],
    );
  }
}

const keyOf = (receipt: MatchedReceipt): { messageId: string; seq: number } => ({
  messageId: receipt.message_id ?? '',
  seq: receipt.seq,
});

/** The first word that it arrived, where the chain had gone on because none came in time. */
function lateArrivalOf({
  status,
  status_before: before,
  may_reach_twice: mayReachTwice,
  channel,
}: MatchedReceipt): Channel[] {
  const isNews = before !== null && before < DELIVERY_STATUS.delivered && rankOf(deliveryStatusName(status)) >= ARRIVED;
  return isNews && mayReachTwice && channel !== null ? [channel] : [];
}

/** The verdict is about the address as it was when the delivery went out. */
function deadAddressOf({ account, code, is_address_dead, channel, address, sent_at }: MatchedReceipt): DeadAddress[] {
  if (!is_address_dead || channel === null || address === null) return [];
  return [
    {
      channel,
      account: addressAccountOf(channel, account),
      address,
      reason: code ?? 'address_dead',
      ...(sent_at ? { asOf: sent_at.toISOString() } : {}),
    },
  ];
}

function outcomeOf(receipt: MatchedReceipt, opened: ReadonlyMap<string, number>): SettledOutcome {
  const status = deliveryStatusName(receipt.status);
  const fallback = opened.get(`${receipt.message_id}/${receipt.seq}`);
  const isAwaited = Boolean(receipt.is_open) && receipt.success_when !== null && status !== 'failed';
  return {
    ...keyOf(receipt),
    status,
    isOpen: isAwaited && receipt.success_when !== null && rankOf(status) < rankOf(receipt.success_when),
    isReported: status !== 'failed' || (fallback === undefined && !receipt.has_next),
    opened: fallback ?? 0,
    errorCode: status === 'failed' ? (receipt.code ?? 'failed_later') : null,
    errorText: receipt.words,
    at: receipt.at.toISOString(),
  };
}
