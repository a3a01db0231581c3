import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** How long a lease is valid, s. */
const LEASE_S = 60;
/** Between the end of a lease and the next holder, s: what the clocks of two processes may differ by. */
const QUARANTINE_S = 5;

export interface ImNodeLease {
  /** 0 to 1023. */
  nodeId: number;
  /** Epoch ms by the database's clock. */
  untilMs: number;
}

const UNTIL = `(extract(epoch FROM lease_until) * 1000)::float8 AS "untilMs"`;

/** Leases of the node bits of message ids. */
@Injectable()
export class ImNodeRepository {
  constructor(private readonly database: Database) {}

  /** The lowest that nobody holds; null: all are held. @param holder UUID of the process */
  async acquire(holder: string): Promise<ImNodeLease | null> {
    const [lease] = await this.database.query<ImNodeLease>(
      `WITH free AS MATERIALIZED (
         SELECT node_id FROM im_node WHERE lease_until < now() - interval '${QUARANTINE_S} seconds'
          ORDER BY node_id LIMIT 1 FOR UPDATE SKIP LOCKED)
       UPDATE im_node SET holder = $1, lease_until = now() + interval '${LEASE_S} seconds'
        WHERE node_id = ANY(ARRAY(SELECT node_id FROM free)) RETURNING node_id AS "nodeId", ${UNTIL}`,
      [holder],
    );
    return lease ?? null;
  }

  /** Null: somebody else has it by now. */
  async renew(holder: string, nodeId: number): Promise<ImNodeLease | null> {
    const [lease] = await this.database.query<ImNodeLease>(
      `UPDATE im_node SET lease_until = now() + interval '${LEASE_S} seconds'
        WHERE node_id = $2 AND holder = $1 RETURNING node_id AS "nodeId", ${UNTIL}`,
      [holder, nodeId],
    );
    return lease ?? null;
  }

  async release(holder: string, nodeId: number): Promise<void> {
    await this.database.query(`UPDATE im_node SET lease_until = now() WHERE node_id = $2 AND holder = $1`, [
      holder,
      nodeId,
    ]);
  }
}
