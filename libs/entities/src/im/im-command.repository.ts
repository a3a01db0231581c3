import { Injectable } from '@nestjs/common';
import { IM_PERSON, type ImMessage } from '#contracts';
import { Database } from '../connection/database.js';
import { IM_CONTENT, bytesUpTo, isUnexpired, isWithinAnswer, type ImContentRow } from './im-content.sql.js';

/** How far back a command is looked for in a queue. */
const RECENT = 100;

/** Command queues: what a person's devices have to do, once each, in order. */
@Injectable()
export class ImCommandRepository {
  constructor(private readonly database: Database) {}

  /**
   * What follows the acknowledged commands, ascending, as its reader sees it; less where it would be too large. Reading takes
   * nothing away.
   * @param afterSeq also those after this one, which were acknowledged already; 0: none
   */
  async list(uid: string, afterSeq: number, limit: number): Promise<ImMessage[]> {
    const rows = await this.database.query<ImContentRow>(
      `SELECT m.seq AS "messageSeq", ${IM_CONTENT}
         FROM (SELECT m.*, q.seq, ${bytesUpTo('ASC')} AS bytes
                 FROM im_user u
                 JOIN im_user_queue q ON q.uid = $1 AND q.seq > CASE WHEN $2 > 0 THEN least($2, u.queue_cursor) ELSE u.queue_cursor END
                 JOIN im_command m ON m.message_id = q.message_id
                WHERE u.uid = $1 AND ${isUnexpired('m')}
                ORDER BY q.seq LIMIT $3) m
        WHERE ${isWithinAnswer('m')} ORDER BY m.seq`,
      [uid, afterSeq, limit],
    );
    return rows.map((row) => ({ ...row, ...QUEUED, channelId: seenBy(uid, row) }));
  }

  /** Commands up to this one have arrived. Never takes back what was acknowledged before. */
  async acknowledge(uid: string, lastSeq: number): Promise<void> {
    await this.database.query(
      `UPDATE im_user SET queue_cursor = least($2::bigint, queue_last_seq)
        WHERE uid = $1 AND queue_cursor < least($2::bigint, queue_last_seq)`,
      [uid, lastSeq],
    );
  }

  /** The same for several people, each named once. */
  async acknowledgeAll(uids: readonly string[], lastSeqs: readonly number[]): Promise<void> {
    await this.database.query(
      `UPDATE im_user u SET queue_cursor = least(g.seq, u.queue_last_seq)
         FROM unnest($1::text[], $2::bigint[]) AS g(uid, seq)
        WHERE u.uid = g.uid AND u.queue_cursor < least(g.seq, u.queue_last_seq)`,
      [uids, lastSeqs],
    );
  }

  /** Places of a command that was just sent in the queues of these people. */
  async seqsOf(messageId: string, uids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.database.query<{ uid: string; seq: number }>(
      `SELECT g.uid, q.seq
         FROM unnest($2::text[]) AS g(uid)
        CROSS JOIN LATERAL (SELECT seq FROM (SELECT seq, message_id FROM im_user_queue WHERE uid = g.uid
                                              ORDER BY seq DESC LIMIT ${RECENT}) recent
                             WHERE message_id = $1::bigint LIMIT 1) q`,
      [messageId, uids],
    );
    return new Map(rows.map(({ uid, seq }) => [uid, seq]));
  }
}

const QUEUED = { noPersist: false, syncOnce: true, streamNo: '', streamSeq: 0 } as const;

/** Of a person channel each side sees the other one. */
const seenBy = (uid: string, { channelType, fromUid, channelId }: ImContentRow): string =>
  channelType === IM_PERSON && fromUid !== '' && fromUid !== uid ? fromUid : channelId;
