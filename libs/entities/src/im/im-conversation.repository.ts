import { Injectable } from '@nestjs/common';
import { IM_INFO, IM_PERSON } from '#contracts';
import type { Sql } from '../connection/database.js';
import type { NamedMessage, SentRedDots } from './im-conversation-changes.js';
import { NOW_MS } from './im-version.sql.js';

/**
 * Who takes part in which channel. Everything here stands in the transaction that makes it so, after the row of the channel
 * was locked there: a message changes that row, and no row a member.
 */
@Injectable()
export class ImConversationRepository {
  /** What a member sends is read by himself. Who is no member has no conversation there, and a large channel counts nothing. */
  async addSent(sql: Sql, sent: readonly SentRedDots[]): Promise<void> {
    if (sent.length === 0) return;
    await sql.query(
      `WITH mine AS MATERIALIZED (
         SELECT c.uid, c.channel_key, s.count
           FROM unnest($1::text[], $2::smallint[], $3::text[], $4::int[]) AS s(channel_id, channel_type, uid, count)
           JOIN im_channel ch ON ch.channel_id = s.channel_id AND ch.channel_type = s.channel_type
           JOIN im_conversation c ON c.uid = s.uid AND c.channel_key = ch.channel_key
          WHERE NOT ch.is_large AND NOT c.is_guest ORDER BY c.uid, c.channel_key FOR UPDATE OF c
       )
       UPDATE im_conversation c SET base = c.base + mine.count FROM mine
        WHERE c.uid = mine.uid AND c.channel_key = mine.channel_key`,
      [
        sent.map(({ channelId }) => channelId),
        sent.map(({ channelType }) => channelType),
        sent.map(({ uid }) => uid),
        sent.map(({ count }) => count),
      ],
      'im_sent_red_dots',
    );
  }

  /** Messages that count for some only. Who is no subscriber takes part as a guest. */
  async addNamed(sql: Sql, named: readonly NamedMessage[]): Promise<void> {
    if (named.length === 0) return;
    await sql.query(
      `WITH message AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS m(
           "channelKey" bigint, seq bigint, at bigint, "hasRedDot" boolean, "fromUid" text, uids jsonb)
       ), person AS (
         SELECT u.uid, m."channelKey" AS channel_key, max(m.seq) AS seq, max(m.at) AS at, max(m."fromUid") AS sender,
                count(DISTINCT m.seq) FILTER (WHERE m."hasRedDot" AND m."fromUid" <> u.uid) AS red
           FROM message m CROSS JOIN LATERAL (
             SELECT DISTINCT e COLLATE "C" AS uid FROM jsonb_array_elements_text(m.uids) AS e) u
          GROUP BY u.uid, m."channelKey"
       )
       INSERT INTO im_conversation AS c (uid, channel_key, peer, is_guest, own_red, own_seq, own_at, version)
       SELECT p.uid, p.channel_key, CASE WHEN ch.channel_type = ${IM_PERSON} THEN p.sender END, true, p.red, p.seq, p.at, ${NOW_MS}
         FROM person p JOIN im_channel ch ON ch.channel_key = p.channel_key
        WHERE ch.channel_type <> ${IM_INFO} AND NOT ch.is_large AND p.uid <> ''
        ORDER BY p.uid, p.channel_key
       ON CONFLICT (uid, channel_key) DO UPDATE
         SET own_red = c.own_red + excluded.own_red, own_seq = greatest(c.own_seq, excluded.own_seq),
             own_at = greatest(c.own_at, excluded.own_at), version = greatest(c.version + 1, excluded.version)`,
      [JSON.stringify(named)],
    );
  }

  /** Subscribers that came: what was said before is no conversation of theirs. A guest keeps what he has unread. */
  async join(sql: Sql, channelKey: number, uids: readonly string[]): Promise<void> {
    if (uids.length === 0) return;
    await sql.query(
      `INSERT INTO im_conversation AS c (uid, channel_key, base, hidden_seq)
       SELECT u.uid, ch.channel_key, ch.red_total, ch.conv_seq
         FROM im_channel ch CROSS JOIN (SELECT DISTINCT e COLLATE "C" AS uid FROM unnest($2::text[]) AS e) u
        WHERE ch.channel_key = $1 AND ch.channel_type <> ${IM_INFO} ORDER BY u.uid
       ON CONFLICT (uid, channel_key) DO UPDATE
         SET is_guest = false, base = c.base + excluded.base, hidden_seq = greatest(c.hidden_seq, CASE
               WHEN c.own_seq > c.hidden_seq THEN c.hidden_seq ELSE excluded.hidden_seq END)
         WHERE c.is_guest`,
      [channelKey, uids],
    );
  }

  /** Subscribers that go, and their conversations with them. */
  async leave(sql: Sql, channelKey: number, uids: readonly string[]): Promise<void> {
    await sql.query('DELETE FROM im_conversation WHERE channel_key = $1 AND uid = ANY($2::text[])', [channelKey, uids]);
  }

  /** All that subscribe at this moment go, but for `staying`. */
  async leaveAllBut(sql: Sql, channelKey: number, staying: readonly string[]): Promise<void> {
    await sql.query(
      `DELETE FROM im_conversation c USING im_subscriber s
        WHERE s.channel_key = $1 AND NOT s.uid = ANY($2::text[]) AND c.uid = s.uid AND c.channel_key = $1`,
      [channelKey, staying],
    );
  }
}
