import { Injectable } from '@nestjs/common';
import { IM_PERSON } from '#contracts';
import { Database } from '../connection/database.js';

/** Messages whose text arrives in pieces. */
@Injectable()
export class ImStreamRepository {
  constructor(private readonly database: Database) {}

  /** It takes no more pieces. False: unknown in this channel. @param channelId of a person channel also either of its sides */
  async end(streamNo: string, channelId: string, channelType: number): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE im_stream SET ended_at = coalesce(ended_at, now())
        WHERE stream_no = $1 AND channel_type = $3
          AND (channel_id = $2 OR channel_type = ${IM_PERSON} AND (starts_with(channel_id, $2 || '@') OR right(channel_id, length($2) + 1) = '@' || $2))
      RETURNING 1`,
      [streamNo, channelId, channelType],
    );
    return rows.length > 0;
  }
}
