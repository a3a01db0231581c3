import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Uids that may write anywhere. */
@Injectable()
export class ImSystemUidRepository {
  constructor(private readonly database: Database) {}

  async add(uids: readonly string[]): Promise<void> {
    await this.database.query(
      'INSERT INTO im_system_uid (uid) SELECT DISTINCT uid FROM unnest($1::text[]) AS g(uid) ORDER BY uid ON CONFLICT DO NOTHING',
      [uids],
    );
  }

  async remove(uids: readonly string[]): Promise<void> {
    await this.database.query('DELETE FROM im_system_uid WHERE uid = ANY($1::text[])', [uids]);
  }
}
