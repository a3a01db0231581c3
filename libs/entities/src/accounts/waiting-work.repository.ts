import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

const AT_A_TIME = 5000;
/** What is beyond comes due by itself within ten minutes. */
const MOST_PIECES = 100_000;

/** Deliveries that wait for an account to be well again. */
@Injectable()
export class WaitingWorkRepository {
  constructor(private readonly database: Database) {}

  /**
   * An account of the channel was changed: what waits for one is tried now. What is on its way to a worker, what is paced and what
   * waits for its own time is left alone.
   */
  async wake(channel: string): Promise<void> {
    for (let woken = 0; woken < MOST_PIECES; woken += AT_A_TIME) {
      const rows = await this.database.query(
        `WITH waiting AS MATERIALIZED (
           SELECT id FROM work WHERE kind = 'deliver' AND channel = $1 AND waits_for_account AND lease_token IS NULL
            LIMIT $2 FOR UPDATE SKIP LOCKED
         )
         UPDATE work SET due_at = least(due_at, now()), waits_for_account = false WHERE id = ANY(ARRAY(SELECT id FROM waiting)) RETURNING 1`,
        [channel, AT_A_TIME],
      );
      if (rows.length < AT_A_TIME) return;
    }
  }
}
