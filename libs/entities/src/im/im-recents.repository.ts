import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { isUnexpired, isWithinAnswer } from './im-content.sql.js';
import type { ImShown } from './im-history.repository.js';
import { IM_MESSAGE_JSON } from './im-message-json.sql.js';

/** A channel of which the latest messages are wanted. */
export interface ImRecentsQuestion {
  /** As the row has it: of a person channel the id made of both uids. */
  channelId: string;
  channelType: number;
  /** Only later ones; 0: all. */
  afterSeq: number;
}

/** Each channel's own index gives its newest. In order, until the answer is full. */
const RECENTS = `
SELECT m.place, ${IM_MESSAGE_JSON} AS json, m.stream_no AS "streamNo"
  FROM (
    SELECT w.place::int AS place, r.*,
           sum(octet_length(r.payload)) OVER (ORDER BY w.place, r.seq DESC ROWS UNBOUNDED PRECEDING) AS bytes
      FROM unnest($1::text[], $2::int[], $3::bigint[]) WITH ORDINALITY AS w(channel_id, channel_type, after, place)
      JOIN im_channel ch ON ch.channel_id = w.channel_id AND ch.channel_type = w.channel_type
     CROSS JOIN LATERAL (
       SELECT * FROM im_message i WHERE i.channel_key = ch.channel_key AND i.seq > w.after AND ${isUnexpired('i')}
        ORDER BY i.seq DESC LIMIT $4) r) m
 WHERE ${isWithinAnswer('m')}
 ORDER BY m.place, m.seq DESC`;

/** The latest messages of many channels in one question. */
@Injectable()
export class ImRecentsRepository {
  constructor(private readonly database: Database) {}

  /**
   * Newest first; `answer[i]` belongs to question `i`, and is empty where there is no such channel,
   * or the answer is full.
   * @param limit of each
   */
  async of(questions: readonly ImRecentsQuestion[], limit: number): Promise<ImShown[][]> {
    const answer = questions.map((): ImShown[] => []);
    if (questions.length === 0) return answer;
    const rows = await this.database.query<ImShown & { place: number }>(
      RECENTS,
      [
        questions.map(({ channelId }) => channelId),
        questions.map(({ channelType }) => channelType),
        questions.map(({ afterSeq }) => afterSeq),
        limit,
      ],
      'im_recents',
    );
    for (const { place, json, streamNo } of rows) answer[place - 1]?.push({ json, streamNo });
    return answer;
  }
}
