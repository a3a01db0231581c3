import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { SHOWN } from './im-conversation.sql.js';
import { HOLD_VERSIONS, NOW_MS } from './im-version.sql.js';

/** A conversation by what its reader calls it. */
export interface ImConversationName {
  uid: string;
  /** As `im_channel` has it: of a person channel the id made of both uids. */
  channelId: string;
  channelType: number;
}

interface Held {
  channel_key: number;
  is_shown: boolean;
}

/**
 * What a person says of his own conversations. The conversation's row is locked before the channel's counters are read, by
 * a statement of their own: a red dot that he sends at the same moment is in both or in neither.
 */
@Injectable()
export class ImUnreadRepository {
  constructor(private readonly database: Database) {}

  /**
   * Leaves `unread` red dots. Of a large channel, whose messages make no conversation, the client says where it stands.
   * @param messageSeq 0: not said
   */
  set(name: ImConversationName, unread: number, messageSeq: number): Promise<void> {
    return this.database.transaction(async (tx) => {
      const held = await lock(tx, name);
      if (held?.is_shown) await setBase(tx, name.uid, held.channel_key, unread);
      if (messageSeq > 0 && (held?.is_shown || unread === 0)) await keepPlace(tx, name, messageSeq);
    });
  }

  /** The conversation is gone until its next message; the messages stay. */
  remove(name: ImConversationName): Promise<void> {
    return this.database.transaction(async (tx) => {
      const held = await lock(tx, name);
      if (!held) return;
      await tx.query(
        `UPDATE im_conversation c SET base = ${SHOWN.red}, hidden_seq = ${SHOWN.lastSeq}, version = greatest(c.version + 1, ${NOW_MS})
           FROM im_channel ch WHERE ch.channel_key = c.channel_key AND c.uid = $1 AND c.channel_key = $2`,
        [name.uid, held.channel_key],
      );
    });
  }
}

async function lock(tx: Sql, { uid, channelId, channelType }: ImConversationName): Promise<Held | undefined> {
  const [held] = await tx.query<Held>(
    `WITH held AS MATERIALIZED (SELECT ${HOLD_VERSIONS})
     SELECT c.channel_key, ${SHOWN.lastSeq} > c.hidden_seq AS is_shown
       FROM held CROSS JOIN im_channel ch JOIN im_conversation c ON c.channel_key = ch.channel_key
      WHERE ch.channel_id = $2 AND ch.channel_type = $3 AND c.uid = $1 FOR UPDATE OF c`,
    [uid, channelId, channelType],
  );
  return held;
}

async function setBase(tx: Sql, uid: string, channelKey: number, unread: number): Promise<void> {
  await tx.query(
    `UPDATE im_conversation c SET base = ${SHOWN.red} - $3::bigint, version = greatest(c.version + 1, ${NOW_MS})
       FROM im_channel ch WHERE ch.channel_key = c.channel_key AND c.uid = $1 AND c.channel_key = $2`,
    [uid, channelKey, unread],
  );
}

async function keepPlace(
  tx: Sql,
  { uid, channelId, channelType }: ImConversationName,
  messageSeq: number,
): Promise<void> {
  await tx.query(
    `INSERT INTO im_conversation AS c (uid, channel_key, is_guest, own_seq, own_at, version)
     SELECT $1, ch.channel_key, true, $4::bigint, coalesce(m.at, 0), ${NOW_MS}
       FROM im_channel ch LEFT JOIN LATERAL (
         SELECT extract(epoch FROM m.sent_at)::bigint AS at FROM im_message m
          WHERE m.channel_key = ch.channel_key AND m.seq = $4::bigint) m ON true
      WHERE ch.channel_id = $2 AND ch.channel_type = $3 AND ch.is_large
     ON CONFLICT (uid, channel_key) DO UPDATE
       SET own_seq = greatest(c.own_seq, excluded.own_seq), own_at = greatest(c.own_at, excluded.own_at),
           version = greatest(c.version + 1, excluded.version)`,
    [uid, channelId, channelType, messageSeq],
  );
}
