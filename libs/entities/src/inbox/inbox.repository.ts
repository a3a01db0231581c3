import { Injectable } from '@nestjs/common';
import { INBOX_STATE, type InlineContent, type Params } from '#contracts';
import { DatabaseClock } from '../connection/database-clock.js';
import { Database } from '../connection/database.js';
import { firstIdAt, timeOfMessageId } from '../messages/message-id.js';
import { decodeDeliveryRef } from '../deliveries/delivery-ref.js';
import type { DeliveryKey } from '../deliveries/delivery-key.js';

export const INBOX_TYPES = ['all', 'unread', 'read', 'todo', 'done'] as const;
export type InboxType = (typeof INBOX_TYPES)[number];

const MATCHES: Readonly<Record<InboxType, string>> = {
  all: 'd.inbox_state IS NOT NULL',
  unread: `d.inbox_state = ${INBOX_STATE.unread}`,
  read: `d.inbox_state = ${INBOX_STATE.read}`,
  todo: `d.inbox_state = ${INBOX_STATE.open}`,
  done: `d.inbox_state = ${INBOX_STATE.done}`,
};

export interface InboxRow extends DeliveryKey {
  /** `delivery.ref`. */
  ref: string;
  /** Code of `INBOX_STATE`. */
  inbox_state: number;
  kind: string;
  app_id: string;
  source: string;
  content: InlineContent | null;
  template: Record<string, Record<string, string>> | null;
  params: Params | null;
  delivered_at: Date | null;
  read_at: Date | null;
}

/** Windows of message ids are walked newest first, so that a page touches few partitions. */
const WINDOW_MS = 28 * 24 * 3_600_000;
const WINDOWS = 16;

const pageQuery = (type: InboxType): string => `
SELECT d.message_id, d.seq, d.ref, d.inbox_state, m.kind, m.client_app_id AS app_id, coalesce(a.name, '') AS source, m.content,
       v.content AS template, coalesce(m.params, '{}') || coalesce(d.params, '{}') AS params, d.delivered_at, d.read_at
  FROM delivery d
  JOIN message m ON m.id = d.message_id AND m.id >= $2 AND m.id < $3
  LEFT JOIN client_app a ON a.app_id = m.client_app_id
  LEFT JOIN template_version v ON v.id = m.template_version_id
 WHERE d.recipient = $1 AND d.message_id >= $2 AND d.message_id < $3
   AND (d.message_id, d.seq) < ($4::uuid, $5::int) AND ${MATCHES[type]}
 ORDER BY d.message_id DESC, d.seq DESC LIMIT $6`;

/** A person's inbox: the delivery rows of channel `portal`, never a second copy. */
@Injectable()
export class InboxRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
  ) {}

  /** Newest first, at most `limit`. @param before null: from the newest */
  async list(
    userId: string,
    type: InboxType,
    before: { messageId: string; seq: number } | null,
    limit: number,
  ): Promise<InboxRow[]> {
    if (!before) await this.clock.measure();
    // Ids of other replicas may run ahead of this clock by a moment.
    const start = before ?? { messageId: firstIdAt(this.clock.nowMs() + 60_000), seq: 0 };
    const rows: InboxRow[] = [];
    let untilMs = timeOfMessageId(start.messageId) + 1;
    for (let window = 0; window < WINDOWS && rows.length < limit; window++, untilMs -= WINDOW_MS) {
      const bounds = [firstIdAt(Math.max(0, untilMs - WINDOW_MS)), firstIdAt(Math.max(0, untilMs))];
      const values = [userId, ...bounds, start.messageId, start.seq, limit - rows.length];
      rows.push(...(await this.database.query<InboxRow>(pageQuery(type), values, `inbox_page_${type}`)));
    }
    return rows;
  }

  async unreadCount(userId: string): Promise<number> {
    const [row] = await this.database.query<{ n: number }>(
      `SELECT count(*) AS n FROM delivery WHERE recipient = $1 AND inbox_state = ${INBOX_STATE.unread}`,
      [userId],
      'inbox_unread_count',
    );
    return row?.n ?? 0;
  }

  /** The person's own inbox row behind a per-delivery reference; null when there is none. */
  async find(userId: string, ref: string): Promise<DeliveryKey | null> {
    const parts = decodeDeliveryRef(ref);
    if (!parts || parts.seq > 0x7fff_ffff) return null;
    const [row] = await this.database.query<DeliveryKey>(
      `SELECT message_id, seq FROM delivery
        WHERE recipient = $1 AND inbox_state IS NOT NULL AND message_id >= $2 AND message_id < $3 AND seq = $4 AND ref = $5`,
      [userId, firstIdAt(parts.timeMs), firstIdAt(parts.timeMs + 1), parts.seq, parts.secret],
      'inbox_find',
    );
    return row ?? null;
  }
}
