import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { NOW_MS, SHOWN } from './im-conversation.sql.js';

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

/** Longest that a message is under way between getting its version and being visible, ms: it may wait 5 s for a lock. */
const COMMIT_MS = 10_000;

/**
 * Versions are given before a commit, so a larger one may be seen before a smaller one. While anything is being written, what
 * is that young is listed with an older version, and listed again.
 */
const SAFE_VERSION = `CASE WHEN pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot()) THEN shown.version
            ELSE greatest($2::bigint, least(shown.version, ${NOW_MS} - ${COMMIT_MS})) END`;

const LIST = `
WITH shown AS MATERIALIZED (
  SELECT c.channel_key, ${SHOWN.channelId} AS channel_id, ch.channel_type, greatest(0, ${SHOWN.red} - c.base) AS unread,
         ${SHOWN.at} AS at, ${SHOWN.lastSeq} AS last_seq, ${SHOWN.version} AS version, c.hidden_seq
    FROM im_conversation c JOIN im_channel ch ON ch.channel_key = c.channel_key
   WHERE c.uid = $1
)
SELECT channel_id AS "channelId", channel_type AS "channelType", unread, at AS timestamp,
       last_seq AS "lastSeq", coalesce(m.client_msg_no, '') AS "lastClientMsgNo", ${SAFE_VERSION} AS version
  FROM shown LEFT JOIN LATERAL (
    SELECT client_msg_no FROM im_message m WHERE m.channel_key = shown.channel_key AND m.seq = shown.last_seq) m ON true
 WHERE last_seq > hidden_seq AND ($2 = 0 OR shown.version > $2)
 ORDER BY at DESC, shown.version DESC, shown.channel_key`;

/** What a person's list of conversations shows. */
@Injectable()
export class ImConversationListRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. @param afterVersion 0: all */
  list(uid: string, afterVersion: number): Promise<ImConversationRow[]> {
    return this.database.query<ImConversationRow>(LIST, [uid, afterVersion], 'im_conversations');
  }
}
