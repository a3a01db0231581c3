import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

export interface TagRow {
  name: string;
  createdAt: Date;
}

/** A client app's tags, for itself to see. */
@Injectable()
export class TagListRepository {
  constructor(private readonly database: Database) {}

  list(appId: string, afterName: string, limit: number): Promise<TagRow[]> {
    return this.database.query<TagRow>(
      `SELECT name, created_at AS "createdAt" FROM tag
        WHERE app_id = $1 AND removed_at IS NULL AND name > $2 ORDER BY name LIMIT $3`,
      [appId, afterName, limit],
    );
  }
}
