import { Injectable } from '@nestjs/common';
import type { ImMessage, ImStreamChunk } from '#contracts';
import { Database } from '../connection/database.js';
import {
  IM_CONTENT,
  MAX_ANSWER_BYTES,
  bytesUpTo,
  isUnexpired,
  isWithinAnswer,
  type ImContentRow,
} from './im-content.sql.js';
import { IM_MESSAGE_JSON } from './im-message-json.sql.js';

/** Part of a log: of the seqs from `from` up to `to`, the `limit` lowest, or the `limit` highest where `isNewest`. */
export interface ImRange {
  from: number;
  /** Null: to the end. */
  to: number | null;
  limit: number;
  isNewest: boolean;
}

/** A message as the door shows it. */
export interface ImShown {
  /** An object, as text; a stream's without its pieces. */
  json: string;
  /** Null: it is no stream. */
  streamNo: string | null;
}

export interface ImLoggedMessage extends ImShown {
  /** It will not stand there for ever. */
  isExpiring: boolean;
}

export interface ImLogPage {
  /** Ascending. */
  messages: ImLoggedMessage[];
  /** There would have been more, too large for one answer. */
  isCut: boolean;
  /** Of the channel, at the moment the page was read. */
  lastSeq: number;
}

type LogRow = ImContentRow & { streamNo: string };

const LOG = `m.seq AS "messageSeq", ${IM_CONTENT}, coalesce(m.stream_no, '') AS "streamNo"`;

/** How many channel keys are remembered. A channel keeps its key for ever. */
const MAX_KEYS = 100_000;

/** Logs of channels. */
@Injectable()
export class ImHistoryRepository {
  private readonly keys = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /** Null: nothing was ever sent to it or said about it. @param channelId as the row has it */
  async findKey(channelId: string, channelType: number): Promise<number | null> {
    const name = `${channelType} ${channelId}`;
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    const [row] = await this.database.query<{ key: number }>(
      'SELECT channel_key AS key FROM im_channel WHERE channel_id = $1 AND channel_type = $2',
      [channelId, channelType],
      'im_channel_key',
    );
    if (!row) return null;
    if (this.keys.size >= MAX_KEYS) this.keys.clear();
    this.keys.set(name, row.key);
    return row.key;
  }

  async page(channelKey: number, range: ImRange): Promise<ImLogPage> {
    const { from, to, limit, isNewest } = range;
    const direction = isNewest ? 'DESC' : 'ASC';
    const rows = await this.database.query<ImLoggedMessage & { bytes: number; lastSeq: number }>(
      `SELECT ${IM_MESSAGE_JSON} AS json, m.stream_no AS "streamNo", m.expires_at IS NOT NULL AS "isExpiring", m.bytes,
              (SELECT last_seq FROM im_channel WHERE channel_key = $1) AS "lastSeq"
         FROM (SELECT *, ${bytesUpTo(direction)} AS bytes
                 FROM im_message
                WHERE channel_key = $1 AND seq >= $2 AND seq <= $3 AND ${isUnexpired('im_message')}
                ORDER BY seq ${direction} LIMIT $4) m
        WHERE ${isWithinAnswer('m')}`,
      [channelKey, from, to ?? Number.MAX_SAFE_INTEGER, limit],
      isNewest ? 'im_page_newest' : 'im_page',
    );
    const isCut = (rows.at(-1)?.bytes ?? 0) > MAX_ANSWER_BYTES;
    const lastSeq = rows[0]?.lastSeq ?? 0;
    if (isNewest) rows.reverse();
    return { messages: rows, isCut, lastSeq };
  }

  /** In no particular order; what is not there is left out. */
  async listBySeq(channelKey: number, seqs: readonly number[]): Promise<ImMessage[]> {
    const rows = await this.database.query<LogRow>(
      `SELECT ${LOG} FROM im_message m WHERE m.channel_key = $1 AND m.seq = ANY($2::bigint[]) AND ${isUnexpired('m')}`,
      [channelKey, seqs],
    );
    return rows.map(stored);
  }

  /** Seq of the last message; 0: there is none. @param channelId as the row has it */
  async lastSeq(channelId: string, channelType: number): Promise<number> {
    const [row] = await this.database.query<{ seq: number }>(
      'SELECT last_seq AS seq FROM im_channel WHERE channel_id = $1 AND channel_type = $2',
      [channelId, channelType],
      'im_last_seq',
    );
    return row?.seq ?? 0;
  }

  /** Last seqs by key. */
  async lastSeqs(channelKeys: readonly number[]): Promise<Map<number, number>> {
    const rows = await this.database.query<{ key: number; seq: number }>(
      'SELECT channel_key AS key, last_seq AS seq FROM im_channel WHERE channel_key = ANY($1::bigint[])',
      [channelKeys],
      'im_last_seqs',
    );
    return new Map(rows.map(({ key, seq }) => [key, seq]));
  }

  /** Pieces of these streams, in their order. */
  async chunksOf(streamNos: readonly string[]): Promise<Map<string, ImStreamChunk[]>> {
    const chunks = new Map<string, ImStreamChunk[]>();
    if (streamNos.length === 0) return chunks;
    const rows = await this.database.query<ImStreamChunk & { streamNo: string }>(
      `SELECT stream_no AS "streamNo", seq AS "streamSeq", client_msg_no AS "clientMsgNo",
              translate(encode(payload, 'base64'), E'\\n', '') AS payload
         FROM im_stream_chunk WHERE stream_no = ANY($1::text[]) ORDER BY stream_no, seq`,
      [streamNos],
    );
    for (const { streamNo, ...chunk } of rows) chunks.set(streamNo, [...(chunks.get(streamNo) ?? []), chunk]);
    return chunks;
  }
}

const stored = (row: LogRow): ImMessage => ({ ...row, noPersist: false, syncOnce: false, streamSeq: 0 });
