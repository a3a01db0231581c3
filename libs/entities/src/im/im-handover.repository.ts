import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Requests that are too large for the broker, on their way between two processes. */
@Injectable()
export class ImHandoverRepository {
  constructor(private readonly database: Database) {}

  /** Answers the id under which it waits. */
  async put(request: object): Promise<string> {
    const [row] = await this.database.query<{ id: string }>(
      'INSERT INTO im_handover (request) VALUES ($1) RETURNING id',
      [JSON.stringify(request)],
    );
    if (!row) throw new Error('the statement answers one row');
    return row.id;
  }

  /** Takes it out, so that it is carried out once at most. Null: it was taken already. */
  async take(id: string): Promise<unknown> {
    const [row] = await this.database.query<{ request: string }>(
      'DELETE FROM im_handover WHERE id = $1 RETURNING request',
      [id],
    );
    return row ? (JSON.parse(row.request) as unknown) : null;
  }
}
