import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { SHOWN } from './im-conversation.sql.js';
import { SAFE_VERSION } from './im-version.sql.js';

/** A conversation as its reader sees it. */
export interface ImConversationRow {
  /** Of a person channel the other one's uid. */
  channelId: string;
  channelType: number;
  unread: number;
  /** Epoch seconds of the last message. */
  timestamp: number;
  lastSeq: number;
  /** Empty where that message is no longer there. */
  lastClientMsgNo: string;
  /** Grows with every change; whoever asks for what is newer than the largest he has seen misses nothing. */
  version: number;
}

const LIST = `
WITH shown AS MATERIALIZED (
  SELECT c.channel_key, ${SHOWN.channelId} AS channel_id, ch.channel_type, greatest(0, ${SHOWN.red} - c.base) AS unread,
         ${SHOWN.at} AS at, ${SHOWN.lastSeq} AS last_seq, ${SHOWN.version} AS version, c.hidden_seq
    FROM im_conversation c JOIN im_channel ch ON ch.channel_key = c.channel_key
   WHERE c.uid = $1
)
SELECT channel_id AS "channelId", channel_type AS "channelType", unread, at AS timestamp,
       last_seq AS "lastSeq", coalesce(m.client_msg_no, '') AS "lastClientMsgNo", greatest($2::bigint, least(shown.version, $3::bigint)) AS version
  FROM shown LEFT JOIN LATERAL (
    SELECT client_msg_no FROM im_message m WHERE m.channel_key = shown.channel_key AND m.seq = shown.last_seq) m ON true
 WHERE last_seq > hidden_seq AND ($2 = 0 OR shown.version > $2)
 ORDER BY at DESC, shown.version DESC, shown.channel_key`;

/** What a person's list of conversations shows. */
@Injectable()
export class ImConversationListRepository {
  constructor(private readonly database: Database) {}

  /**
   * Newest first. Versions are given before the commit, so a larger one may be seen before a smaller one: none is told beyond which
   * a smaller one may still come, and what has one is listed again.
   * @param afterVersion 0: all
   */
  async list(uid: string, afterVersion: number): Promise<ImConversationRow[]> {
    const [safe] = await this.database.query<{ version: number }>(SAFE_VERSION, [], 'im_safe_version');
    return this.database.query<ImConversationRow>(LIST, [uid, afterVersion, safe?.version ?? 0], 'im_conversations');
  }
}
