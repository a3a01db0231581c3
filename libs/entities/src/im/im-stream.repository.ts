import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Messages whose text arrives in pieces. */
@Injectable()
export class ImStreamRepository {
  constructor(private readonly database: Database) {}

  /** It takes no more pieces. False: unknown in this channel. @param channelId as the row of the channel has it */
  async end(streamNo: string, channelId: string, channelType: number): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE im_stream SET ended_at = coalesce(ended_at, now())
        WHERE stream_no = $1 AND channel_id = $2 AND channel_type = $3 RETURNING 1`,
      [streamNo, channelId, channelType],
    );
    return rows.length > 0;
  }
}
