import { Injectable } from '@nestjs/common';
import { IM_MASTER, IM_PERSON } from '#contracts';
import { Database, type Sql } from '../connection/database.js';

export interface ImDeviceToken {
  uid: string;
  deviceFlag: number;
  /** 0 slave, 1 master. */
  deviceLevel: number;
  /** SHA-256. */
  tokenHash: Buffer;
}

/** What opens the listener to the devices of a uid. */
@Injectable()
export class ImUserTokenRepository {
  constructor(private readonly database: Database) {}

  /** Replaces the token of this kind of device. Answers the sessions that have to end because of it; null: the uid is banned. */
  async store({ uid, deviceFlag, deviceLevel, tokenHash }: ImDeviceToken): Promise<number[] | null> {
    return this.database.transaction(async (tx) => {
      const stored = await tx.query(
        `INSERT INTO im_user_token (uid, device_flag, token_hash, device_level)
         SELECT $1, $2, $3, $4
          WHERE NOT EXISTS (SELECT 1 FROM im_channel WHERE channel_id = $1 AND channel_type = ${IM_PERSON} AND is_banned)
             ON CONFLICT (uid, device_flag) DO UPDATE
            SET token_hash = excluded.token_hash, device_level = excluded.device_level, updated_at = now()
         RETURNING uid`,
        [uid, deviceFlag, tokenHash, deviceLevel],
      );
      if (stored.length === 0) return null;
      return deviceLevel === IM_MASTER ? end(tx, uid, deviceFlag, 'other_device') : [];
    });
  }

  /** Takes the token of a kind of device away. Answers the sessions that have to end. @param deviceFlag -1: of all */
  async drop(uid: string, deviceFlag: number): Promise<number[]> {
    return this.database.transaction(async (tx) => {
      await tx.query('DELETE FROM im_user_token WHERE uid = $1 AND ($2 < 0 OR device_flag = $2)', [uid, deviceFlag]);
      return end(tx, uid, deviceFlag, 'quit');
    });
  }
}

async function end(tx: Sql, uid: string, deviceFlag: number, reason: 'other_device' | 'quit'): Promise<number[]> {
  const rows = await tx.query<{ sessionId: number }>(
    `UPDATE im_session SET end_reason = $3 WHERE uid = $1 AND ($2 < 0 OR device_flag = $2) AND end_reason IS NULL
     RETURNING session_id AS "sessionId"`,
    [uid, deviceFlag, reason],
  );
  return rows.map(({ sessionId }) => sessionId);
}
