import { Injectable } from '@nestjs/common';
import type { ImMessage } from '#contracts';
import { Database } from '../connection/database.js';
import { IM_CONTENT, isUnexpired, type ImContentRow } from './im-content.sql.js';

/** A channel of which the latest messages are wanted. */
export interface ImRecentsQuestion {
  /** As the row has it: of a person channel the id made of both uids. */
  channelId: string;
  channelType: number;
  /** Only later ones; 0: all. */
  afterSeq: number;
}

type Row = ImContentRow & { place: number; messageSeq: number; streamNo: string };

/** Each channel's own index gives its newest. */
const RECENTS = `
SELECT w.place::int AS place, r.*
  FROM unnest($1::text[], $2::int[], $3::bigint[]) WITH ORDINALITY AS w(channel_id, channel_type, after, place)
  JOIN im_channel ch ON ch.channel_id = w.channel_id AND ch.channel_type = w.channel_type
 CROSS JOIN LATERAL (
   SELECT m.seq AS "messageSeq", ${IM_CONTENT}, coalesce(m.stream_no, '') AS "streamNo"
     FROM im_message m WHERE m.channel_key = ch.channel_key AND m.seq > w.after AND ${isUnexpired('m')}
    ORDER BY m.seq DESC LIMIT $4) r
 ORDER BY w.place, r."messageSeq" DESC`;

/** The latest messages of many channels in one question. */
@Injectable()
export class ImRecentsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first; `answer[i]` belongs to question `i`, and is empty where there is no such channel. @param limit of each */
  async of(questions: readonly ImRecentsQuestion[], limit: number): Promise<ImMessage[][]> {
    const answer = questions.map((): ImMessage[] => []);
    if (questions.length === 0) return answer;
    const rows = await this.database.query<Row>(
      RECENTS,
      [
        questions.map(({ channelId }) => channelId),
        questions.map(({ channelType }) => channelType),
        questions.map(({ afterSeq }) => afterSeq),
        limit,
      ],
      'im_recents',
    );
    for (const { place, ...message } of rows) {
      answer[place - 1]?.push({ ...message, noPersist: false, syncOnce: false, streamSeq: 0 });
    }
    return answer;
  }
}
