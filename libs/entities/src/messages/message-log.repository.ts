import { Injectable } from '@nestjs/common';
import {
  INBOX_STATE,
  INBOX_STATES,
  type Channel,
  type Door,
  type MessageKind,
  type MessageStatus,
  type Plan,
} from '#contracts';
import { Database } from '../connection/database.js';
import { firstIdAt, timeOfMessageId } from './message-id.js';

/** A message as its report shows it; counters are those folded so far. */
export interface MessageRow {
  id: string;
  client_app_id: string;
  door: Door;
  kind: MessageKind;
  /** Code of `PRIORITY`. */
  priority: number;
  status: MessageStatus;
  plan: Plan;
  client_ref: string | null;
  template_code: string | null;
  template_version: number | null;
  accepted_at: Date;
  send_at: Date | null;
  expires_at: Date | null;
  remind_every_s: number | null;
  /** Id of the to-do that it reminds of. */
  reminder_of: string | null;
  cancel_requested_at: Date | null;
  dispatched_at: Date | null;
  completed_at: Date | null;
  recipients: number;
  chains: number;
  expected: number | null;
  ended: number;
  sent: number;
  unknown: number;
  failed: number;
  expired: number;
  delivered: number;
  read: number;
  cancelled: number;
  suppressed: number;
  skipped: number;
}

export interface MessageFilter {
  clientAppId?: string;
  status?: MessageStatus;
  channel?: Channel;
  /** User id: messages that have a delivery to this person. */
  recipient?: string;
  /** Epoch ms of acceptance, inclusive. */
  fromMs?: number;
  /** Epoch ms of acceptance, exclusive. */
  toMs?: number;
  /** Only ids smaller than this one. */
  beforeId?: string;
}

export interface MessagePage {
  rows: MessageRow[];
  /** Where to go on; null at the end. A page may be short or empty and still have more behind it. */
  nextBeforeId: string | null;
}

/** Messages looked at for one page: what a filter that matches nothing may cost. */
const LOOKED_AT = 1000;
/** A query touches the partitions of one window only. */
const WINDOW_MS = 28 * 24 * 3_600_000;
/** Windows without a hit that one page walks: more than the default retention. */
const WINDOWS = 16;
const AHEAD_MS = 24 * 3_600_000;

const COLUMNS = `m.id, m.client_app_id, m.door, m.kind, m.priority, s.status, m.plan, m.client_ref, t.code AS template_code,
  v.version AS template_version, m.accepted_at, m.send_at, m.expires_at, m.remind_every_s, m.reminder_of, s.cancel_requested_at, s.dispatched_at, s.completed_at,
  s.next_ordinal AS recipients, s.chains, s.expected, s.ended, s.sent, s.unknown, s.failed, s.expired, s.delivered, s.read,
  s.cancelled, s.suppressed, s.skipped`;
const JOINS = `JOIN message_state s ON s.message_id = m.id LEFT JOIN template_version v ON v.id = m.template_version_id
  LEFT JOIN template t ON t.id = v.template_id`;

/** Reads messages: one by id, many newest first with bounded work. */
@Injectable()
export class MessageLogRepository {
  constructor(private readonly database: Database) {}

  /** @param clientAppId the owner; null for an administrator. Another app's message is null, like an unknown one. */
  async find(messageId: string, clientAppId: string | null): Promise<MessageRow | null> {
    const [row] = await this.database.query<MessageRow>(
      `SELECT ${COLUMNS} FROM message m ${JOINS}
        WHERE m.id = $1 AND s.message_id = $1 AND ($2::text IS NULL OR m.client_app_id = $2)`,
      [messageId, clientAppId],
    );
    return row ?? null;
  }

  /** Newest first. Walks windows of message ids; stops at a full page or when enough was looked at. */
  async list(filter: MessageFilter, limit: number): Promise<MessagePage> {
    const floor = filter.fromMs === undefined ? await this.oldestId() : firstIdAt(Math.max(0, filter.fromMs));
    let high = this.highest(filter);
    for (let window = 0; window < WINDOWS && floor !== null && high > floor; window++) {
      const windowLow = firstIdAt(Math.max(0, timeOfMessageId(high) - WINDOW_MS));
      const low = windowLow > floor ? windowLow : floor;
      const ids = await this.candidates(filter, low, high);
      const rows = await this.load(ids, filter, limit + 1);
      if (rows.length > limit) return { rows: rows.slice(0, limit), nextBeforeId: rows[limit - 1]?.id ?? null };
      high = ids.length === LOOKED_AT ? (ids.at(-1) ?? low) : low;
      if (rows.length > 0 || ids.length === LOOKED_AT) return { rows, nextBeforeId: high > floor ? high : null };
    }
    return { rows: [], nextBeforeId: floor !== null && high > floor ? high : null };
  }

  private highest(filter: MessageFilter): string {
    const bound = firstIdAt(Math.max(0, Math.min(filter.toMs ?? Infinity, Date.now() + AHEAD_MS)));
    return filter.beforeId !== undefined && filter.beforeId < bound ? filter.beforeId : bound;
  }

  private async oldestId(): Promise<string | null> {
    const [row] = await this.database.query<{ id: string }>('SELECT id FROM message ORDER BY id LIMIT 1');
    return row?.id ?? null;
  }

  /** Ids of the window by whichever index the filter has, newest first; the rest of the filter comes after. */
  private async candidates(filter: MessageFilter, low: string, high: string): Promise<string[]> {
    if (filter.recipient !== undefined) {
      // One probe an index: of rows in an inbox by state, of the others.
      const ofChannel = filter.channel ? 'AND d.channel = $5' : '';
      const rows = await this.database.query<{ id: string }>(
        `SELECT DISTINCT id FROM (
           (SELECT d.message_id AS id FROM delivery d
             WHERE d.recipient = $3 AND d.inbox_state IS NULL AND d.message_id >= $1 AND d.message_id < $2 ${ofChannel}
             ORDER BY d.message_id DESC LIMIT $4)
           UNION ALL
           ${INBOX_STATES.map(
             (name) => `(SELECT d.message_id FROM delivery d
             WHERE d.recipient = $3 AND d.inbox_state = ${INBOX_STATE[name]} AND d.message_id >= $1 AND d.message_id < $2 ${ofChannel}
             ORDER BY d.message_id DESC LIMIT $4)`,
           ).join(' UNION ALL ')}
         ) s ORDER BY id DESC LIMIT $4`,
        [low, high, filter.recipient, LOOKED_AT, ...(filter.channel ? [filter.channel] : [])],
      );
      return rows.map((row) => row.id);
    }
    const rows = await this.database.query<{ id: string }>(
      `SELECT m.id FROM message m
        WHERE m.id >= $1 AND m.id < $2 ${filter.clientAppId === undefined ? '' : 'AND m.client_app_id = $4'}
        ORDER BY m.id DESC LIMIT $3`,
      [low, high, LOOKED_AT, ...(filter.clientAppId === undefined ? [] : [filter.clientAppId])],
    );
    return rows.map((row) => row.id);
  }

  private async load(ids: readonly string[], filter: MessageFilter, limit: number): Promise<MessageRow[]> {
    if (ids.length === 0) return [];
    const isPlanned = filter.channel !== undefined && filter.recipient === undefined;
    return this.database.query<MessageRow>(
      `SELECT ${COLUMNS} FROM message m ${JOINS}
        WHERE m.id = ANY($1::uuid[]) AND m.id BETWEEN $2 AND $3 AND s.message_id BETWEEN $2 AND $3
          AND ($4::text IS NULL OR m.client_app_id = $4) AND ($5::text IS NULL OR s.status = $5)
          AND ($6::jsonb IS NULL OR m.plan->'steps' @> $6 OR m.audience->'addresses' @> $6
               OR ($6 @> '[{"channel":"push"}]' AND m.audience ? 'devices'))
        ORDER BY m.id DESC LIMIT $7`,
      [
        ids,
        ids.at(-1),
        ids[0],
        filter.clientAppId ?? null,
        filter.status ?? null,
        isPlanned ? JSON.stringify([{ channel: filter.channel }]) : null,
        limit,
      ],
    );
  }
}
