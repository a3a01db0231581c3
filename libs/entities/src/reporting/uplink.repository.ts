import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import type { NewUplink } from './provider-news.js';
import { storableText, storableTime } from './storable.js';

/** An answer belongs to the newest message that went to its number within this time. */
export const ANSWER_WITHIN_H = 72;
/** An answer may be here before the commit of what it answers; that is looked for during this time. */
const LOOK_FOR_S = 300;
/** Clocks of the process that sent and of the database may differ by this. */
const SKEW_S = 5;

export interface UplinkRow {
  id: number;
  channel: Channel;
  account: string;
  address: string;
  text: string;
  at: Date;
  receivedAt: Date;
  appId: string | null;
  messageId: string | null;
}

export interface UplinkFilter {
  /** Answers to messages of this client app only. */
  appId?: string;
  address?: string;
  /** `address` in the form in which numbers are kept; absent: as it is. */
  number?: string;
  messageId?: string;
  /** Older than this id. */
  beforeId?: number;
}

/** An answer that was pulled can be had again for so long: the response that carried it may have been lost. */
const AGAIN_WITHIN_MIN = 10;

export interface Reply {
  messageId: string;
  seq: number;
  userId: string;
  text: string;
}

/** What an app gets of an answer. */
export interface PulledUplink {
  messageId: string;
  /** User id on channel `portal`, else the number. */
  address: string;
  text: string;
  at: Date;
}

/** What people send back. */
@Injectable()
export class UplinkRepository {
  constructor(private readonly database: Database) {}

  /** In the caller's transaction. One that is here already, by the provider's id of it, is not stored again. */
  async store(tx: Sql, channel: Channel, account: string, uplinks: readonly NewUplink[]): Promise<void> {
    if (uplinks.length === 0) return;
    const rows = uplinks.map(({ from, text, at, providerId }) => ({
      id: providerId === undefined ? null : storableText(providerId),
      address: storableText(from),
      text: storableText(text),
      at: storableTime(at),
    }));
    await tx.query(
      `INSERT INTO uplink (channel, account, provider_id, address, text, at, app_id, message_id, seq)
       SELECT $2, $3, left(x.id, 256), left(x.address, 512), left(x.text, 10000), least(coalesce(x.at, now()), now()),
              m.client_app_id, m.id, CASE WHEN m.id IS NOT NULL THEN s.seq END
         FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (id text, address text, text text, at timestamptz))
              WITH ORDINALITY AS x(id, address, text, at, ord)
         LEFT JOIN sent_number s ON $2 = 'sms' AND s.address = x.address
               AND s.sent_at > now() - interval '${ANSWER_WITHIN_H} hours'
         LEFT JOIN message m ON m.id = s.message_id
        ORDER BY x.ord
       ON CONFLICT (account, provider_id) WHERE provider_id IS NOT NULL DO NOTHING`,
      [JSON.stringify(rows), channel, account],
    );
  }

  /** Attaches answers that came before what they answer was committed. Answers how many. */
  async attach(): Promise<number> {
    const rows = await this.database.query(
      `UPDATE uplink u SET app_id = m.client_app_id, message_id = m.id, seq = s.seq
         FROM sent_number s JOIN message m ON m.id = s.message_id
        WHERE u.message_id IS NULL AND u.received_at > now() - interval '${LOOK_FOR_S} seconds' AND u.channel = 'sms'
          AND s.address = u.address AND s.sent_at > now() - interval '${ANSWER_WITHIN_H} hours'
          AND s.sent_at < u.received_at + interval '${SKEW_S} seconds'
       RETURNING 1`,
    );
    return rows.length;
  }

  /** A recipient's answer from the portal. False where the delivery is not his, or its message takes no replies. */
  async reply({ messageId, seq, userId, text }: Reply): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO uplink (channel, account, address, text, app_id, message_id, seq)
       SELECT 'portal', 'portal:', d.recipient, $4, m.client_app_id, m.id, d.seq
         FROM message m JOIN delivery d ON d.message_id = m.id
        WHERE m.id = $1 AND m.reply AND d.message_id = $1 AND d.seq = $2 AND d.recipient = $3 AND d.channel = 'portal'
       RETURNING 1`,
      [messageId, seq, userId, text],
    );
    return rows.length > 0;
  }

  /** The app's oldest answers that nobody pulled yet, oldest first: each goes to one caller only. */
  async pull(appId: string, count: number): Promise<PulledUplink[]> {
    return this.database.query<PulledUplink>(
      `WITH waiting AS MATERIALIZED (
         SELECT id FROM uplink WHERE app_id = $1 AND pulled_at IS NULL AND message_id IS NOT NULL
          ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
       ), pulled AS (
         UPDATE uplink SET pulled_at = now() WHERE id = ANY(ARRAY(SELECT id FROM waiting))
         RETURNING id, message_id AS "messageId", address, text, at
       )
       SELECT "messageId", address, text, at FROM pulled ORDER BY id`,
      [appId, count],
    );
  }

  /** Once more what the app pulled last, oldest first; nothing new. */
  async pulledAgain(appId: string, count: number): Promise<PulledUplink[]> {
    return this.database.query<PulledUplink>(
      `SELECT "messageId", address, text, at
         FROM (SELECT id, message_id AS "messageId", address, text, at FROM uplink
                WHERE app_id = $1 AND pulled_at > now() - interval '${AGAIN_WITHIN_MIN} minutes'
                ORDER BY pulled_at DESC, id DESC LIMIT $2) last
        ORDER BY id`,
      [appId, count],
    );
  }

  /** Newest first. */
  list(filter: UplinkFilter, limit: number): Promise<UplinkRow[]> {
    const { appId = null, address = null, number = address, messageId = null, beforeId = null } = filter;
    return this.database.query<UplinkRow>(
      `SELECT id, channel, account, address, text, at, received_at AS "receivedAt", app_id AS "appId", message_id AS "messageId"
         FROM uplink
        WHERE ($1::text IS NULL OR app_id = $1)
          AND ($2::text IS NULL OR address IN ($2, $3) AND address = CASE channel WHEN 'sms' THEN $3 ELSE $2 END)
          AND ($4::uuid IS NULL OR message_id = $4) AND ($5::bigint IS NULL OR id < $5)
        ORDER BY id DESC LIMIT $6`,
      [appId, address, number, messageId, beforeId, limit],
    );
  }
}
