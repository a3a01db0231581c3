import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, type Channel } from '#contracts';
import { Database } from '../connection/database.js';
import { AuditRepository, type AuditEntry } from '../directory/audit.repository.js';
import { firstIdAt } from '../messages/message-id.js';
import { decodeDeliveryRef } from './delivery-ref.js';

/** Account under which the sandbox's receipts arrive and its provider ids are remembered. */
export const SANDBOX_ACCOUNT = 'sandbox';

/** Rows the sandbox keeps. */
const KEPT = 10_000;

export interface SandboxRow {
  id: number;
  channel: Channel;
  address: string;
  ref: string;
  content: Record<string, unknown>;
  at: Date;
  /** Null when the message is gone, or when a channel test sent it. */
  messageId: string | null;
}

export interface SandboxFilter {
  channel?: Channel;
  address?: string;
  /** Rows older than this id only. */
  beforeId?: number;
}

/** What the sandbox took. Fits the `SandboxStore` port of libs/providers. */
@Injectable()
export class SandboxRepository {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditRepository,
  ) {}

  /** One statement for a whole batch. */
  async store(
    messages: readonly { channel: Channel; address: string; ref: string; content: object; at: Date }[],
  ): Promise<void> {
    if (messages.length === 0) return;
    await this.database.query(
      `INSERT INTO sandbox_message (channel, address, ref, content, at)
       SELECT x.channel, x.address, x.ref, x.content, x.at
         FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (channel text, address text, ref text, content jsonb, at timestamptz))
              WITH ORDINALITY AS x(channel, address, ref, content, at, ord)
        ORDER BY x.ord`,
      [JSON.stringify(messages)],
    );
  }

  /** They are matched like every real receipt, when they are due. */
  async scheduleReceipts(
    receipts: readonly {
      ref: string;
      status: 'delivered' | 'read' | 'failed';
      code?: string;
      words?: string;
      afterMs: number;
    }[],
  ): Promise<void> {
    if (receipts.length === 0) return;
    const rows = receipts.map((receipt) => ({ ...receipt, status: DELIVERY_STATUS[receipt.status] }));
    await this.database.query(
      `INSERT INTO receipt (account, provider_id, status, code, words, at, due_at)
       SELECT $2, x.ref, x.status, x.code, x.words, t.due, t.due
         FROM jsonb_to_recordset($1::jsonb) AS x(ref text, status smallint, code text, words text, "afterMs" float8)
        CROSS JOIN LATERAL (SELECT now() + x."afterMs" * interval '1 millisecond' AS due) t`,
      [JSON.stringify(rows), SANDBOX_ACCOUNT],
    );
  }

  /** Newest first. */
  async list(filter: SandboxFilter, limit: number): Promise<SandboxRow[]> {
    const rows = await this.database.query<Omit<SandboxRow, 'messageId'>>(
      `SELECT id, channel, address, ref, content, at FROM sandbox_message
        WHERE ($1::text IS NULL OR channel = $1) AND ($2::text IS NULL OR address = $2) AND ($3::bigint IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4`,
      [filter.channel ?? null, filter.address ?? null, filter.beforeId ?? null, limit],
    );
    const messageIds = await this.messageIdsOf(rows.map((row) => row.ref));
    return rows.map((row) => ({ ...row, messageId: messageIds.get(row.ref) ?? null }));
  }

  /** Answers how many they were. */
  async clear(entry: AuditEntry): Promise<number> {
    return this.database.transaction(async (tx) => {
      const { length: deleted } = await tx.query('DELETE FROM sandbox_message RETURNING 1');
      await this.audit.record({ ...entry, details: { deleted } }, tx);
      return deleted;
    });
  }

  /**
   * Keeps the newest `keep` rows, removes at most `limit` of the others. Answers how many went: `limit` means call again.
   * Ids have gaps, so it is the row at that place that bounds, not a distance between ids.
   */
  async prune(limit: number, keep = KEPT): Promise<number> {
    const rows = await this.database.query(
      `WITH newest_gone AS MATERIALIZED (SELECT id FROM sandbox_message ORDER BY id DESC OFFSET $1 LIMIT 1),
            gone AS MATERIALIZED (
              SELECT id FROM sandbox_message WHERE id <= (SELECT id FROM newest_gone) ORDER BY id LIMIT $2)
       DELETE FROM sandbox_message WHERE id = ANY(ARRAY(SELECT id FROM gone)) RETURNING 1`,
      [keep, limit],
    );
    return rows.length;
  }

  private async messageIdsOf(refs: readonly string[]): Promise<Map<string, string>> {
    const known = refs.flatMap((ref) => {
      const parts = decodeDeliveryRef(ref);
      return parts ? [{ ref, ...parts }] : [];
    });
    if (known.length === 0) return new Map();
    const rows = await this.database.query<{ ref: string; message_id: string }>(
      `SELECT x.ref, d.message_id
         FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[]) AS x(ref, low, high, seq, secret)
         JOIN message m ON m.id >= x.low AND m.id < x.high
         JOIN delivery d ON d.message_id = m.id AND d.seq = x.seq AND d.ref = x.secret`,
      [
        known.map((row) => row.ref),
        known.map((row) => firstIdAt(row.timeMs)),
        known.map((row) => firstIdAt(row.timeMs + 1)),
        known.map((row) => row.seq),
        known.map((row) => row.secret),
      ],
    );
    return new Map(rows.map((row) => [row.ref, row.message_id]));
  }
}
