import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Database } from '../connection/database.js';

export const DEAD_LETTER_KINDS = ['delivery', 'callback'] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

export interface DeadLetterFilter {
  kind?: DeadLetterKind;
  channel?: Channel;
  cause?: string;
  appId?: string;
  messageId?: string;
  /** Only what died before this time. */
  before?: Date;
}

/** Dead letters of one kind, channel, cause and client app that were not replayed. */
export interface DeadLetterGroup {
  kind: DeadLetterKind;
  /** Empty for callbacks. */
  channel: string;
  cause: string;
  appId: string;
  /** Deliveries or callbacks. */
  count: number;
  /** More than the count were not looked at. */
  isAtLeast: boolean;
  /** Among those counted. */
  oldestAt: string;
  newestAt: string;
  /** The newest few; a webhook of the IM door belongs to no message of ours. */
  sample: { messageId: string | null; seqs: number[]; at: string }[];
}

/** Where a page of groups ended: they are ordered by count, the largest first, then by the rest. */
export type DeadLetterPlace = Pick<DeadLetterGroup, 'count' | 'kind' | 'channel' | 'cause' | 'appId'>;

/** Causes of one answer, of all client apps together, and rows looked at for one of them: what the desk may cost. */
const MAX_CAUSES = 200;
const ROWS_OF_CAUSE = 1000;
const SAMPLES = 3;

/** Reads the dead-letter desk. */
@Injectable()
export class DeadLetterRepository {
  constructor(private readonly database: Database) {}

  /**
   * Distinct causes by a loose index scan, of each the newest rows. Each page counts anew, so a group whose count changed
   * between two of them may stand on both or on neither.
   */
  groups(
    filter: Pick<DeadLetterFilter, 'kind' | 'channel' | 'cause' | 'appId'>,
    after: DeadLetterPlace | null,
    limit: number,
  ): Promise<DeadLetterGroup[]> {
    return this.database.query<DeadLetterGroup>(
      `WITH RECURSIVE g AS (
         (SELECT kind, channel, cause FROM dead_letter WHERE replayed_at IS NULL ORDER BY kind, channel, cause LIMIT 1)
         UNION ALL
         SELECT n.kind, n.channel, n.cause FROM g CROSS JOIN LATERAL (
           SELECT d.kind, d.channel, d.cause FROM dead_letter d
            WHERE d.replayed_at IS NULL AND (d.kind, d.channel, d.cause) > (g.kind, g.channel, g.cause)
            ORDER BY d.kind, d.channel, d.cause LIMIT 1) n
       ), wanted AS (
         SELECT * FROM g
          WHERE ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR channel = $2) AND ($3::text IS NULL OR cause = $3)
          LIMIT ${MAX_CAUSES}
       ), seen AS (
         SELECT d.*, row_number() OVER (PARTITION BY d.kind, d.channel, d.cause, d.app_id ORDER BY d.id DESC) AS place,
                count(*) OVER (PARTITION BY d.kind, d.channel, d.cause) = ${ROWS_OF_CAUSE} AS is_cut
           FROM wanted w CROSS JOIN LATERAL (
             SELECT id, kind, channel, cause, app_id, message_id, seqs, at FROM dead_letter x
              WHERE x.replayed_at IS NULL AND x.kind = w.kind AND x.channel = w.channel AND x.cause = w.cause
              ORDER BY x.id DESC LIMIT ${ROWS_OF_CAUSE}) d
       ), counted AS (
         SELECT kind, channel, cause, app_id AS "appId",
                sum(CASE kind WHEN 'delivery' THEN cardinality(seqs) ELSE 1 END)::int AS count, bool_or(is_cut) AS "isAtLeast",
                to_json(min(at))#>>'{}' AS "oldestAt", to_json(max(at))#>>'{}' AS "newestAt",
                json_agg(json_build_object('messageId', message_id, 'seqs', seqs[1:${SAMPLES}], 'at', at) ORDER BY place)
                  FILTER (WHERE place <= ${SAMPLES}) AS sample
           FROM seen WHERE ($4::text IS NULL OR app_id = $4)
          GROUP BY kind, channel, cause, app_id
       )
       SELECT * FROM counted
        WHERE $5::int IS NULL OR (-count, kind, channel, cause, "appId") > (-$5, $6, $7, $8, $9)
        ORDER BY count DESC, kind, channel, cause, "appId" LIMIT $10`,
      [
        filter.kind ?? null,
        filter.channel ?? null,
        filter.cause ?? null,
        filter.appId ?? null,
        after?.count ?? null,
        after?.kind ?? null,
        after?.channel ?? null,
        after?.cause ?? null,
        after?.appId ?? null,
        limit,
      ],
    );
  }
}
