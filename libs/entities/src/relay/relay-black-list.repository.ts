import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';
import { GIVEN_CALLER, type RelayCaller } from './relay-calls.js';

export interface BlockedSender {
  md5Id: string;
  nickname: string | null;
  icon: string | null;
}

/** Longest black list of one person: it is always listed whole. */
const MAX_ENTRIES = 5000;

/** Whose messages somebody does not want. */
@Injectable()
export class RelayBlackListRepository {
  constructor(private readonly database: Database) {}

  /** Null: the token opens nothing. In the order in which they were blocked. */
  async list({ caller, tokenHash, isStranger }: RelayCaller): Promise<BlockedSender[] | null> {
    const rows = await this.database.query<Omit<BlockedSender, 'md5Id'> & { md5Id: string | null }>(
      `SELECT b.md5_id AS "md5Id", b.nickname, b.icon
         FROM (${GIVEN_CALLER}) g LEFT JOIN relay_block b ON b.owner = g.caller
        WHERE g.opens ORDER BY b.blocked_at, b.md5_id`,
      [caller, tokenHash, isStranger],
      'relay_black_list',
    );
    if (rows.length === 0) return null;
    return rows.flatMap(({ md5Id, ...shown }) => (md5Id === null ? [] : [{ md5Id, ...shown }]));
  }

  /** Also renews how he is shown. False: the token opens nothing, nobody has this id, or the list is full. */
  async block(
    { caller, tokenHash, isStranger }: RelayCaller,
    { md5Id, nickname, icon }: BlockedSender,
    mayBeUnknown: boolean,
  ): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO relay_block (owner, md5_id, nickname, icon)
       SELECT g.caller, $4, $5, $6 FROM (${GIVEN_CALLER}) g
        WHERE g.opens
          AND ($7 OR EXISTS (SELECT FROM relay_identity i WHERE i.md5_id = $4))
          AND (EXISTS (SELECT FROM relay_block b WHERE b.owner = g.caller AND b.md5_id = $4)
               OR (SELECT count(*) FROM (SELECT FROM relay_block b WHERE b.owner = g.caller LIMIT ${MAX_ENTRIES}) b) < ${MAX_ENTRIES})
           ON CONFLICT (owner, md5_id) DO UPDATE SET nickname = excluded.nickname, icon = excluded.icon
       RETURNING 1`,
      [caller, tokenHash, isStranger, md5Id, nickname, icon, mayBeUnknown],
    );
    return rows.length > 0;
  }

  /** @param md5Id null: everybody. False: the token opens nothing. */
  async unblock({ caller, tokenHash, isStranger }: RelayCaller, md5Id: string | null): Promise<boolean> {
    const [call] = await this.database.query<{ opens: boolean }>(
      `WITH g AS MATERIALIZED (${GIVEN_CALLER}),
            gone AS (DELETE FROM relay_block b USING g
                      WHERE b.owner = g.caller AND ($4::text IS NULL OR b.md5_id = $4) AND g.opens)
       SELECT opens FROM g`,
      [caller, tokenHash, isStranger, md5Id],
    );
    return call?.opens ?? false;
  }
}
