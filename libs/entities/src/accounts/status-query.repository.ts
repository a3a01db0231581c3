import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import type { NextWork } from '../deliveries/finish-work.repository.js';

/**
 * `result`: the provider took it and tells its end only when asked · `unknown`: nobody knows whether it took it; the
 * deliveries wait (`retrying`, open) for the answer.
 */
export type StatusQueryKind = 'result' | 'unknown';

/** A reference that a provider must be asked about. */
export interface NewStatusQuery {
  channel: Channel;
  /** `<channel>:<account id>`. */
  account: string;
  /** As in `Outcome.ask`. */
  ref: string;
  messageId: string;
  /** Deliveries it stands for; of kind `unknown` one, because an answer that names no known reference must mean it. */
  seqs: number[];
  kind: StatusQueryKind;
  dueInMs: number;
  /** Asked no longer than this; deliveries of kind `unknown` end as unknown then. */
  expiresAt: Date;
  /** `unknown`: the next try, for the case that the provider never took it. */
  work?: NextWork;
}

/** A reference that is asked about now. */
export interface DueStatusQuery {
  id: number;
  channel: Channel;
  account: string;
  ref: string;
  message_id: string;
  seqs: number[];
  kind: StatusQueryKind;
  /** Times it was claimed, this one too; whoever claims it later takes it from whoever had it before. */
  tries: number;
  work: NextWork | null;
}

/** A claimed reference is not asked about by anybody else for so long. */
const LEASE_S = 60;

/** References to ask providers about, asked again along a ladder until their answer is final or their time is over. */
@Injectable()
export class StatusQueryRepository {
  constructor(private readonly database: Database) {}

  /** In the transaction that settles the sends they are about. */
  async insert(tx: Sql, rows: readonly NewStatusQuery[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.query(
      `INSERT INTO status_query (channel, account, ref, message_id, seqs, kind, due_at, expires_at, work)
       SELECT x.channel, x.account, x.ref, x."messageId", ARRAY(SELECT e::int FROM jsonb_array_elements_text(x.seqs) e), x.kind,
              now() + x."dueInMs" * interval '1 millisecond', x."expiresAt", x.work
         FROM jsonb_to_recordset($1::jsonb) AS x(channel text, account text, ref text, "messageId" uuid, seqs jsonb, kind text,
              "dueInMs" float8, "expiresAt" timestamptz, work jsonb)`,
      [JSON.stringify(rows)],
    );
  }

  /** Those of the channels on which something is due: asked at once for all, since mostly there is nothing. */
  async dueChannels(channels: readonly Channel[]): Promise<Channel[]> {
    const rows = await this.database.query<{ channel: Channel }>(
      `SELECT c.channel FROM unnest($1::text[]) AS c(channel)
        WHERE EXISTS (SELECT FROM status_query q WHERE q.channel = c.channel AND q.due_at <= now())`,
      [channels],
    );
    return rows.map(({ channel }) => channel);
  }

  /** Takes what is due on a channel, oldest first. What is not answered for is due again when the lease is over. */
  claimDue(channel: Channel, limit: number): Promise<DueStatusQuery[]> {
    return this.database.query<DueStatusQuery>(
      `WITH due AS MATERIALIZED (
         SELECT id FROM status_query WHERE channel = $1 AND due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       )
       UPDATE status_query SET due_at = now() + interval '${LEASE_S} seconds', tries = tries + 1
        WHERE id = ANY(ARRAY(SELECT id FROM due))
       RETURNING id, channel, account, ref, message_id, seqs, kind, tries, work`,
      [channel, limit],
    );
  }
}
