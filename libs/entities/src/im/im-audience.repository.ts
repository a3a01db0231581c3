import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

export interface ImMembership {
  channelKey: number;
  uid: string;
}

/** Which of those who are connected get the messages of a channel. Asked for them only, however many subscribe to it. */
@Injectable()
export class ImAudienceRepository {
  constructor(private readonly database: Database) {}

  async subscribersAmong(channelKey: number, uids: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ uid: string }>(
      'SELECT uid FROM im_subscriber WHERE channel_key = $1 AND uid = ANY($2::text[])',
      [channelKey, uids],
    );
    return rows.map(({ uid }) => uid);
  }

  /** Which of these people subscribe to which of these channels. */
  memberships(uids: readonly string[], channelKeys: readonly number[]): Promise<ImMembership[]> {
    return this.database.query<ImMembership>(
      `SELECT uid, channel_key AS "channelKey" FROM im_subscriber
        WHERE uid = ANY($1::text[]) AND channel_key = ANY($2::bigint[])`,
      [uids, channelKeys],
    );
  }
}
