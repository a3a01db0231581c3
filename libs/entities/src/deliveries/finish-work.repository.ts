import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { isDataError, sqlStateOf } from '../connection/sql-state.js';
import { OUTCOME_COLUMNS, SETTLING, outcomeRow, type SettledOutcome } from './settle.repository.js';

/** One provider call for one delivery, for the ledger. */
export interface AttemptRecord {
  messageId: string;
  seq: number;
  attempt: number;
  startedAt: string;
  finishedAt: string;
  provider: string;
  account: string;
  outcome: string;
  code?: string;
  words?: string;
  isPossibleDuplicate: boolean;
}

/** A next try, a wait for proof, or a wait for a receipt: a row that replaces finished work. */
export interface NextWork {
  kind: 'deliver' | 'proof' | 'receipt';
  messageId: string;
  appId: string;
  channel: string;
  priority: number;
  seqs: number[];
  dueInMs: number;
  attempts: number;
  /** Epoch ms when the channel was first tried. */
  startedMs: number;
  expiresAt: Date | null;
  /** As in ClaimedWork. */
  avoid: string[] | null;
  /** Other accounts, or another set-up of them, may take it before it is due. */
  waitsForAccount?: boolean;
}

/** The provider's id of what it took. */
export interface ProviderRef {
  account: string;
  providerId: string;
  messageId: string;
  seq: number;
}

/** An SMS that went out. */
export interface SentNumber {
  address: string;
  messageId: string;
  seq: number;
  /** ISO time at which the provider was called. */
  sentAt: string;
}

/** What became of one delivery of a piece of work. Only the ledger hears of work that was lost to another worker. */
export interface FinishedDelivery {
  workId: number;
  attempt?: AttemptRecord;
  /** Absent: the delivery was not tried, or stays as it is. */
  outcome?: SettledOutcome;
  providerRef?: ProviderRef;
  sentNumber?: SentNumber;
}

/** A claimed batch that is through. */
export interface FinishedBatch {
  leaseToken: string;
  workIds: readonly number[];
  deliveries: readonly FinishedDelivery[];
  /** Each replaces the work it names, if that was still held. */
  next: readonly (NextWork & { workId: number })[];
}

const ATTEMPT_COLUMNS = `m uuid, s int, attempt smallint, started timestamptz, finished timestamptz, prov text, acc text, outcome text,
  code text, words text, dup boolean`;

/** The same call told once more (its commit was not heard of) stands as it is. */
const INSERT_ATTEMPTS = `
  INSERT INTO delivery_attempt AS known (message_id, seq, attempt, started_at, finished_at, provider, account, outcome, code, words,
                                is_possible_duplicate)
  SELECT m, s, attempt, started, finished, prov, acc, outcome, left(code, 64), left(words, 500), dup
    FROM jsonb_to_recordset($ATTEMPTS::jsonb) AS x(${ATTEMPT_COLUMNS})
  ON CONFLICT (message_id, seq, attempt) DO UPDATE SET is_possible_duplicate = true
    WHERE (known.started_at, known.finished_at, known.account, known.outcome)
          IS DISTINCT FROM (excluded.started_at, excluded.finished_at, excluded.account, excluded.outcome)`;

const NEXT_COLUMNS = `w bigint, kind text, m uuid, app text, channel text, priority smallint, seqs jsonb, wait float8, attempts smallint,
  started float8, expires timestamptz, avoid jsonb, waits boolean`;

const INSERT_NEXT = `
  INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, expires_at, attempts, avoid, started_at,
                    waits_for_account)
  SELECT x.kind, x.m, x.app, x.channel, x.priority, ARRAY(SELECT e::int FROM jsonb_array_elements_text(x.seqs) e),
         now() + x.wait * interval '1 millisecond', x.expires, x.attempts,
         CASE WHEN jsonb_typeof(x.avoid) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(x.avoid)) END,
         to_timestamp(x.started / 1000), coalesce(x.waits, false)
    FROM jsonb_to_recordset($NEXT::jsonb) AS x(${NEXT_COLUMNS})`;

/** The newest SMS to each number, for the answers that may come from it. */
const INSERT_NUMBERS = `
  INSERT INTO sent_number AS s (address, message_id, seq, sent_at)
  SELECT DISTINCT ON (x.address) x.address, x."messageId", x.seq, x."sentAt"
    FROM jsonb_to_recordset($NUMBERS::jsonb) AS x(address text, "messageId" uuid, seq int, "sentAt" timestamptz)
   ORDER BY x.address, x."sentAt" DESC, x."messageId" DESC, x.seq DESC
  ON CONFLICT (address) DO UPDATE SET message_id = excluded.message_id, seq = excluded.seq, sent_at = excluded.sent_at
    WHERE s.sent_at <= excluded.sent_at`;

/** Some providers count their ids anew after a restart: a receipt means what they took last under the id. */
const NEWEST_REF = `ON CONFLICT (account, provider_id)
  DO UPDATE SET message_id = excluded.message_id, seq = excluded.seq, created_at = now()`;

const DELETE_HELD = `
  DELETE FROM work w USING unnest($WORK::bigint[], $TOKENS::uuid[]) AS c(id, token)
   WHERE w.id = c.id AND w.lease_token = c.token
  RETURNING w.id`;

/** $1 outcomes, $2–$3 work and its lease tokens, $4 attempts, $5 next work, $6 provider ids, $7 numbers. */
const FINISH = `
WITH held AS MATERIALIZED (${DELETE_HELD.replace('$WORK', '$2').replace('$TOKENS', '$3')}
), o AS MATERIALIZED (
  SELECT x.* FROM jsonb_to_recordset($1::jsonb) AS x(w bigint, ${OUTCOME_COLUMNS}) LEFT JOIN held ON held.id = x.w
   WHERE (held.id IS NOT NULL) IS TRUE
), ${SETTLING}, tried AS (${INSERT_ATTEMPTS.replace('$ATTEMPTS', '$4')}
), again AS (${INSERT_NEXT.replace('$NEXT', '$5')}
    JOIN held ON held.id = x.w
), refs AS (
  INSERT INTO provider_ref (account, provider_id, message_id, seq)
  SELECT DISTINCT ON (x.acc, x.id) x.acc, x.id, x.m, x.s
    FROM jsonb_to_recordset($6::jsonb) AS x(w bigint, acc text, id text, m uuid, s int) JOIN held ON held.id = x.w
   ORDER BY x.acc, x.id, x.m DESC, x.s DESC
  ${NEWEST_REF}
), numbers AS (${INSERT_NUMBERS.replace('$NUMBERS', '$7')}
)
SELECT id FROM held`;

/** Two batches of the call hold the same try of a delivery: one of them lost its lease. */
const SAME_ROW_TWICE = '21000';

/** The end of claimed work: ledger, statuses, receipts to come and the next work. */
@Injectable()
export class FinishWorkRepository {
  constructor(private readonly database: Database) {}

  /**
   * Everything of several batches in one statement. Answers, a batch, the work that was still held; or the error of a batch
   * whose values the database refuses, which keeps no other from ending.
   */
  async finish(batches: readonly FinishedBatch[]): Promise<(Set<number> | Error)[]> {
    try {
      const held = await this.finishTogether(batches);
      return batches.map((batch) => new Set(batch.workIds.filter((id) => held.has(id))));
    } catch (error) {
      if (!isDataError(error) && sqlStateOf(error) !== SAME_ROW_TWICE) throw error;
      if (batches.length === 1) return [error as Error];
      const middle = batches.length >> 1;
      return [...(await this.finish(batches.slice(0, middle))), ...(await this.finish(batches.slice(middle)))];
    }
  }

  /** Removes work that the token still holds. Answers its ids; what is missing was lost to another worker. */
  async removeHeld(
    tx: Sql,
    { leaseToken, workIds }: Pick<FinishedBatch, 'leaseToken' | 'workIds'>,
  ): Promise<Set<number>> {
    const sql = DELETE_HELD.replace('$WORK', '$1').replace('$TOKENS', '$2');
    const rows = await tx.query<{ id: number }>(sql, [workIds, workIds.map(() => leaseToken)]);
    return new Set(rows.map((row) => row.id));
  }

  /**
   * Appends to the ledger. Where two workers counted the same try (a lease was lost during a call), the row stays the
   * first one's and is flagged. To be told the same call again changes nothing.
   */
  async recordAttempts(tx: Sql, attempts: readonly AttemptRecord[]): Promise<void> {
    if (attempts.length === 0) return;
    await tx.query(
      INSERT_ATTEMPTS.replace('$ATTEMPTS', '$1'),
      [JSON.stringify(attempts.map(attemptRow))],
      'record_attempts',
    );
  }

  async scheduleNext(tx: Sql, next: readonly NextWork[]): Promise<void> {
    if (next.length === 0) return;
    await tx.query(INSERT_NEXT.replace('$NEXT', '$1'), [JSON.stringify(next.map(nextRow))]);
  }

  /** Remembers the provider's ids so that a receipt finds its delivery. */
  async rememberProviderRefs(tx: Sql, refs: readonly ProviderRef[]): Promise<void> {
    if (refs.length === 0) return;
    await tx.query(
      `INSERT INTO provider_ref (account, provider_id, message_id, seq)
       SELECT DISTINCT ON (r.acc, r.id) * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) AS r(acc, id, m, s)
        ORDER BY r.acc, r.id, r.m DESC, r.s DESC ${NEWEST_REF}`,
      [refs.map((r) => r.account), refs.map((r) => r.providerId), refs.map((r) => r.messageId), refs.map((r) => r.seq)],
    );
  }

  /** Remembers what went last to each number. */
  async rememberSentNumbers(tx: Sql, sent: readonly SentNumber[]): Promise<void> {
    if (sent.length === 0) return;
    await tx.query(INSERT_NUMBERS.replace('$NUMBERS', '$1'), [JSON.stringify(sent)]);
  }

  private async finishTogether(batches: readonly FinishedBatch[]): Promise<Set<number>> {
    const deliveries = batches.flatMap((batch) => batch.deliveries);
    const outcomes: Record<string, unknown>[] = [];
    for (const { workId, outcome } of deliveries) {
      if (!outcome) continue;
      const row = outcomeRow(outcome);
      row['w'] = workId;
      outcomes.push(row);
    }
    const refs = deliveries.flatMap(({ workId, providerRef: ref }) =>
      ref ? [{ w: workId, acc: ref.account, id: ref.providerId, m: ref.messageId, s: ref.seq }] : [],
    );
    const rows = await this.database.keyed.query<{ id: number }>(
      FINISH,
      [
        JSON.stringify(outcomes),
        batches.flatMap((batch) => batch.workIds),
        batches.flatMap((batch) => batch.workIds.map(() => batch.leaseToken)),
        JSON.stringify(deliveries.flatMap(({ attempt }) => (attempt ? [attemptRow(attempt)] : []))),
        JSON.stringify(batches.flatMap((batch) => batch.next.map((next) => ({ w: next.workId, ...nextRow(next) })))),
        JSON.stringify(refs),
        JSON.stringify(deliveries.flatMap(({ sentNumber }) => sentNumber ?? [])),
      ],
      'finish_work',
    );
    return new Set(rows.map((row) => row.id));
  }
}

const attemptRow = (attempt: AttemptRecord): Record<string, unknown> => ({
  m: attempt.messageId,
  s: attempt.seq,
  attempt: attempt.attempt,
  started: attempt.startedAt,
  finished: attempt.finishedAt,
  prov: attempt.provider,
  acc: attempt.account,
  outcome: attempt.outcome,
  code: attempt.code,
  words: attempt.words,
  dup: attempt.isPossibleDuplicate,
});

const nextRow = (next: NextWork): Record<string, unknown> => ({
  kind: next.kind,
  m: next.messageId,
  app: next.appId,
  channel: next.channel,
  priority: next.priority,
  seqs: next.seqs,
  wait: next.dueInMs,
  attempts: next.attempts,
  started: next.startedMs,
  expires: next.expiresAt,
  avoid: next.avoid,
  waits: next.waitsForAccount,
});
