import { Injectable } from '@nestjs/common';
import { inboxStateName } from '#contracts';
import { DatabaseClock } from '../connection/database-clock.js';
import { Database } from '../connection/database.js';
import { firstIdAt } from '../messages/message-id.js';
import { decodeDeliveryRef, encodeDeliveryRef } from '../deliveries/delivery-ref.js';
import type { DeliveryKey } from '../deliveries/delivery-key.js';
import { BADGES, COUNTS } from './inbox-counts.sql.js';
import {
  MESSAGE_QUERY,
  NEWER_QUERY,
  listQuery,
  pageQuery,
  searchListQuery,
  searchPageQuery,
} from './inbox-queries.sql.js';
import {
  STATE_OF_TYPE,
  type InboxBadge,
  type InboxCounts,
  type InboxMessage,
  type InboxPage,
  type InboxQuestion,
  type InboxRow,
  type InboxType,
} from './inbox-row.js';

const BEYOND_ALL = { messageId: 'ffffffff-ffff-ffff-ffff-ffffffffffff', seq: 0 };

/** How far back a badge looks for the newest row, ms: the partitions of a month, not of a year. */
const BADGE_WINDOW_MS = 28 * 24 * 3_600_000;

/** A person's inbox: the delivery rows of channel `portal`, never a second copy. */
@Injectable()
export class InboxRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Newest first with their whole content, at most `limit`.
   * @param before null: from the newest @param search as in a page
   */
  list(
    userId: string,
    type: InboxType,
    before: { messageId: string; seq: number } | null,
    limit: number,
    search = '',
  ): Promise<InboxRow[]> {
    const { messageId, seq } = before ?? BEYOND_ALL;
    const state = STATE_OF_TYPE[type];
    const values = [userId, messageId, seq, limit];
    return search
      ? this.database.query<InboxRow>(searchListQuery(state), [...values, search])
      : this.database.query<InboxRow>(listQuery(state), values, `inbox_list_${type}`);
  }

  /** Newest first, by number; `content` and `template` are cut to what a list shows. */
  async page(userId: string, { state, search, offset, limit }: InboxQuestion): Promise<InboxPage> {
    type Line = InboxRow & { total: number };
    const values = [userId, offset, limit];
    const lines = search
      ? await this.database.query<Line>(searchPageQuery(state), [...values, search])
      : await this.database.query<Line>(pageQuery(state), values, `inbox_page_${state ?? 'all'}`);
    // Beyond the last page one line of nulls carries the total.
    return { total: lines[0]?.total ?? 0, rows: lines.filter((line) => (line.ref as string | null) !== null) };
  }

  /**
   * What came after a row the person has seen, oldest first, cut like a page. A message that waited for its time stands
   * where it was accepted: it is in no such answer, only in the counts.
   * @param id per-delivery reference; nothing comes after one that is not this person's
   */
  async newer(userId: string, id: string, limit: number): Promise<InboxRow[]> {
    const seen = await this.find(userId, id);
    if (!seen) return [];
    return this.database.query<InboxRow>(NEWER_QUERY, [userId, seen.message_id, seen.seq, limit], 'inbox_newer');
  }

  async counts(userId: string): Promise<InboxCounts> {
    const rows = await this.database.query<{ state: number; n: number }>(COUNTS, [userId], 'inbox_counts');
    const counts: InboxCounts = { unread: 0, read: 0, open: 0, done: 0 };
    for (const { state, n } of rows) counts[inboxStateName(state)] = n;
    return counts;
  }

  /** One statement for at most some hundred people; everybody asked for is in the answer. */
  async countsOf(userIds: readonly string[]): Promise<Map<string, InboxBadge>> {
    type Row = { user_id: string; unread: number; open: number; ref: string | null } & DeliveryKey;
    const since = firstIdAt(this.clock.nowMs() - BADGE_WINDOW_MS);
    const rows = await this.database.query<Row>(BADGES, [[...new Set(userIds)], since], 'inbox_badges');
    return new Map(
      rows.map(({ user_id: userId, unread, open, message_id: messageId, seq, ref }) => [
        userId,
        { unread, open, newestId: ref === null ? null : encodeDeliveryRef(messageId, seq, ref) },
      ]),
    );
  }

  /** The person's own inbox row behind a per-delivery reference; null when there is none. */
  async find(userId: string, id: string): Promise<DeliveryKey | null> {
    const values = placeOf(id);
    if (!values) return null;
    const [row] = await this.database.query<DeliveryKey>(
      `SELECT message_id, seq FROM delivery
        WHERE message_id >= $1 AND message_id < $2 AND seq = $3 AND ref = $4 AND recipient = $5 AND inbox_state IS NOT NULL`,
      [...values, userId],
      'inbox_find',
    );
    return row ?? null;
  }

  /** Whoever holds the reference may see the row: for a page that shows one message. Null when it is in no inbox. */
  async findByRef(id: string): Promise<InboxMessage | null> {
    const values = placeOf(id);
    if (!values) return null;
    const [row] = await this.database.query<InboxMessage>(MESSAGE_QUERY, values, 'inbox_message');
    return row ?? null;
  }
}

const MAX_SEQ = 0x7fff_ffff;

/** Where to look for a per-delivery reference: bounds of the message id, seq, secret; null when it is none. */
function placeOf(id: string): [string, string, number, string] | null {
  const parts = decodeDeliveryRef(id);
  if (!parts || parts.seq > MAX_SEQ) return null;
  return [firstIdAt(parts.timeMs), firstIdAt(parts.timeMs + 1), parts.seq, parts.secret];
}
