import { Injectable } from '@nestjs/common';
import { deliveryStatusName, type Channel, type DeliveryStatus } from '#contracts';
import { Database } from '../connection/database.js';
import { firstIdAt } from '../messages/message-id.js';

/** One delivery of an export, with what its message says of it. */
export interface ExportRow {
  message_id: string;
  seq: number;
  client_app_id: string;
  door: string;
  accepted_at: Date;
  recipient: string;
  channel: Channel;
  address: string;
  status: DeliveryStatus;
  provider: string | null;
  attempts: number;
  error_code: string | null;
  error_text: string | null;
  sent_at: Date | null;
  delivered_at: Date | null;
  read_at: Date | null;
}

export interface ExportRange {
  /** Epoch ms of acceptance, inclusive. */
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  /** Null: all client apps. */
  clientAppId: string | null;
}

/** Deliveries of one query. */
const ROWS = 2000;
/** Messages looked up ahead. */
const MESSAGES = 500;

interface MessageSize {
  id: string;
  chains: number;
}

/**
 * Walks all deliveries of a time range by key, a bounded number at a time, without a transaction that would stay open as
 * long as a slow reader reads. OFFSET 0 keeps each look-up a look-up: as a plain join it may become a walk over all messages
 * of the first partitions, again for each batch.
 */
@Injectable()
export class ExportRepository {
  constructor(private readonly database: Database) {}

  async *deliveries(range: ExportRange): AsyncGenerator<ExportRow[]> {
    let low = firstIdAt(Math.max(0, range.fromMs));
    const high = firstIdAt(Math.max(0, range.toMs));
    for (let isFirst = true; ; isFirst = false) {
      const messages = await this.messages(low, isFirst, high, range.clientAppId);
      for (const batch of batches(messages)) yield* this.deliveriesOf(batch);
      const last = messages.at(-1);
      if (!last || messages.length < MESSAGES) return;
      low = last.id;
    }
  }

  private messages(low: string, isFirst: boolean, high: string, clientAppId: string | null): Promise<MessageSize[]> {
    return this.database.query<MessageSize>(
      `SELECT m.id, s.chains FROM (
         SELECT id FROM message WHERE id ${isFirst ? '>=' : '>'} $1 AND id < $2 ${clientAppId === null ? '' : 'AND client_app_id = $4'}
          ORDER BY id LIMIT $3) m
        CROSS JOIN LATERAL (
          SELECT chains FROM message_state WHERE message_id = m.id AND message_id >= $1 AND message_id < $2 OFFSET 0) s
        ORDER BY m.id`,
      [low, high, MESSAGES, ...(clientAppId === null ? [] : [clientAppId])],
    );
  }

  /** One large message, or several small ones together. */
  private async *deliveriesOf(ids: readonly string[]): AsyncGenerator<ExportRow[]> {
    let afterId = ids[0];
    let afterSeq = -1;
    for (;;) {
      const rows = await this.database.query<Omit<ExportRow, 'status'> & { status: number }>(
        `SELECT d.message_id, d.seq, m.client_app_id, m.door, m.accepted_at, d.recipient, d.channel, d.address, d.status,
                d.provider, d.attempts, d.error_code, d.error_text, d.sent_at, d.delivered_at, d.read_at
           FROM unnest($1::uuid[]) AS i(id)
          CROSS JOIN LATERAL (SELECT * FROM message WHERE id = i.id AND id BETWEEN $2 AND $5 OFFSET 0) m
          CROSS JOIN LATERAL (
            SELECT * FROM delivery d
             WHERE d.message_id = i.id AND d.message_id BETWEEN $2 AND $5 AND d.seq > CASE WHEN i.id = $2 THEN $3::int ELSE -1 END
             ORDER BY d.seq LIMIT $4) d
          WHERE i.id >= $2 ORDER BY i.id, d.seq LIMIT $4`,
        [ids, afterId, afterSeq, ROWS, ids.at(-1)],
      );
      if (rows.length > 0) yield rows.map((row) => ({ ...row, status: deliveryStatusName(row.status) }));
      const last = rows.at(-1);
      if (!last || rows.length < ROWS) return;
      afterId = last.message_id;
      afterSeq = last.seq;
    }
  }
}

/** Neighbours whose deliveries fit into about one query. */
function* batches(messages: readonly MessageSize[]): Generator<string[]> {
  let batch: string[] = [];
  let size = 0;
  for (const { id, chains } of messages) {
    if (batch.length > 0 && size + chains > ROWS) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(id);
    size += chains;
  }
  if (batch.length > 0) yield batch;
}
