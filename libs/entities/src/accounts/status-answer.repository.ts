import { Injectable } from '@nestjs/common';
import { DELIVERY_STATUS, STEPS_PER_RECIPIENT } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { FinishWorkRepository, type NextWork } from '../deliveries/finish-work.repository.js';
import { FallbackRepository } from '../deliveries/fallback.repository.js';
import { SettleRepository } from '../deliveries/settle.repository.js';
import type { NewReceipt } from '../reporting/provider-news.js';
import { ProviderNewsRepository } from '../reporting/provider-news.repository.js';
import type { DueStatusQuery } from './status-query.repository.js';

/** A provider's answer about a reference. Fits `QueryAnswer` of libs/providers. */
export interface StatusAnswer {
  query: DueStatusQuery;
  state: 'waiting' | 'ended' | 'not_found';
  receipts: readonly NewReceipt[];
  /** `waiting`: ask again after this. */
  againInMs: number;
}

/** What was stored because of the answers; each has somebody who would like to hear of it. */
export interface AnsweredStatus {
  receipts: number;
  unknown: number;
}

/** After its time is over a reference is left alone for so long: its last answer may be on the way. */
const GRACE_S = 90;
/** Beyond any expiry: nobody asks again, what is left is ended by `endOverdue`. */
const NEVER = '1 day';

/** What follows from the answers to status queries. */
@Injectable()
export class StatusAnswerRepository {
  constructor(
    private readonly database: Database,
    private readonly news: ProviderNewsRepository,
    private readonly finished: FinishWorkRepository,
    private readonly fallbacks: FallbackRepository,
    private readonly settlement: SettleRepository,
  ) {}

  /** Answers about references of one account: receipts, next tries, ends. One transaction; what another worker claimed meanwhile is its. */
  apply(account: string, answers: readonly StatusAnswer[]): Promise<AnsweredStatus> {
    return this.database.transaction(async (tx) => {
      const held = await this.hold(tx, answers);
      const ours = answers.filter(({ query }) => held.has(query.id));
      const unknown = ours.filter(({ query }) => query.kind === 'unknown');
      const told = unknown.filter(({ receipts }) => receipts.length > 0);
      await this.finished.rememberProviderRefs(tx, told.flatMap(refsOf));
      const receipts = ours.flatMap((answer) => answer.receipts);
      await this.news.storeReceipts(tx, account, receipts);
      await this.awaitProof(tx, told);
      const mute = unknown.filter(({ state, receipts }) => receipts.length === 0 && state !== 'waiting');
      const [again, lost] = partition(mute, ({ state, query }) => state === 'not_found' && query.work !== null);
      await this.finished.scheduleNext(
        tx,
        again.flatMap(({ query }) => (query.work ? [{ ...query.work, seqs: query.seqs }] : [])),
      );
      return {
        receipts: receipts.length,
        unknown: await this.endUnknown(
          tx,
          lost.map(({ query }) => query),
        ),
      };
    });
  }

  /** References whose time is over, of all channels: deliveries of which nobody knows the end become `unknown`. Answers how many references. */
  endOverdue(limit: number): Promise<number> {
    return this.database.transaction(async (tx) => {
      const rows = await tx.query<Pick<DueStatusQuery, 'message_id' | 'seqs' | 'kind'>>(
        `WITH over AS MATERIALIZED (
           SELECT id FROM status_query WHERE expires_at <= now() - interval '${GRACE_S} seconds'
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )
         DELETE FROM status_query WHERE id = ANY(ARRAY(SELECT id FROM over)) RETURNING message_id, seqs, kind`,
        [limit],
      );
      await this.endUnknown(
        tx,
        rows.filter(({ kind }) => kind === 'unknown'),
      );
      return rows.length;
    });
  }

  /**
   * Ends or puts off the rows that nobody else has claimed since. What the provider has told anything about is no longer
   * unknown: only its result is still awaited.
   */
  private async hold(tx: Sql, answers: readonly StatusAnswer[]): Promise<Set<number>> {
    const ended = answers.filter(({ state }) => state !== 'waiting').map(({ query }) => query);
    const waiting = answers.filter(({ state }) => state === 'waiting');
    const gone = await tx.query<{ id: number }>(
      `DELETE FROM status_query q USING unnest($1::bigint[], $2::int[]) AS a(id, tries)
        WHERE q.id = a.id AND q.tries = a.tries RETURNING q.id`,
      [ended.map(({ id }) => id), ended.map(({ tries }) => tries)],
    );
    const kept = await tx.query<{ id: number }>(
      `UPDATE status_query q
          SET due_at = CASE WHEN now() + a.ms * interval '1 millisecond' < q.expires_at THEN now() + a.ms * interval '1 millisecond'
                            WHEN now() < q.expires_at THEN q.expires_at ELSE now() + interval '${NEVER}' END,
              kind = CASE WHEN a.told THEN 'result' ELSE q.kind END, work = CASE WHEN NOT a.told THEN q.work END
         FROM unnest($1::bigint[], $2::int[], $3::float8[], $4::boolean[]) AS a(id, tries, ms, told)
        WHERE q.id = a.id AND q.tries = a.tries RETURNING q.id`,
      [
        waiting.map(({ query }) => query.id),
        waiting.map(({ query }) => query.tries),
        waiting.map(({ againInMs }) => againInMs),
        waiting.map(({ receipts }) => receipts.length > 0),
      ],
    );
    return new Set([...gone, ...kept].map(({ id }) => id));
  }

  /** Mode `smart`: a delivery that went out after all waits for its proof like one that was answered at once. */
  private async awaitProof(tx: Sql, told: readonly StatusAnswer[]): Promise<void> {
    const works = told.flatMap(({ query }) => (query.work ? [{ ...query.work, seqs: query.seqs }] : []));
    if (works.length === 0) return;
    const proofs = await tx.query<{ n: number; within_s: number }>(
      `SELECT w.n::int AS n, coalesce((m.plan->'steps'->(w.seq % ${STEPS_PER_RECIPIENT})->>'withinS')::int, 60) AS within_s
         FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS w(id, seq, n) JOIN message m ON m.id = w.id
        WHERE m.plan->>'mode' = 'smart' AND m.plan->'steps'->(w.seq % ${STEPS_PER_RECIPIENT})->>'successWhen' IS NOT NULL`,
      [works.map(({ messageId }) => messageId), works.map(({ seqs }) => seqs[0])],
    );
    await this.finished.scheduleNext(
      tx,
      proofs.flatMap(({ n, within_s }): NextWork[] => {
        const work = works[n - 1];
        return work ? [{ ...work, kind: 'proof', dueInMs: within_s * 1000 }] : [];
      }),
    );
  }

  /** Answers how many deliveries ended as unknown; those that some other word has moved are left as they are. */
  private async endUnknown(tx: Sql, rows: readonly Pick<DueStatusQuery, 'message_id' | 'seqs'>[]): Promise<number> {
    const keys = rows.flatMap(({ message_id, seqs }) => seqs.map((seq) => ({ message_id, seq })));
    if (keys.length === 0) return 0;
    const open = await tx.query<{
      message_id: string;
      seq: number;
      error_code: string | null;
      error_text: string | null;
    }>(
      `SELECT d.message_id, d.seq, d.error_code, d.error_text FROM unnest($1::uuid[], $2::int[]) AS k(m, s)
         JOIN delivery d ON d.message_id = k.m AND d.seq = k.s WHERE d.status < ${DELIVERY_STATUS.sent}
        ORDER BY d.message_id, d.seq FOR UPDATE OF d`,
      [keys.map(({ message_id }) => message_id), keys.map(({ seq }) => seq)],
    );
    const started = await this.fallbacks.start(
      tx,
      open.map(({ message_id, seq }) => ({ messageId: message_id, seq })),
      'failed',
    );
    const opened = new Map(started.map((row) => [`${row.message_id}/${row.seq}`, row.is_open ? 1 : 0]));
    const moved = await this.settlement.settle(
      tx,
      open.map(({ message_id, seq, error_code, error_text }) => {
        const fallback = opened.get(`${message_id}/${seq}`);
        return {
          messageId: message_id,
          seq,
          status: 'unknown',
          isOpen: false,
          isReported: fallback === undefined,
          opened: fallback ?? 0,
          errorCode: error_code ?? 'unknown_outcome',
          errorText: error_text,
        };
      }),
    );
    return moved.length;
  }
}

/** Whatever the provider calls it, an answer to a question about one delivery is about that delivery. */
const refsOf = ({
  query,
  receipts,
}: StatusAnswer): { account: string; providerId: string; messageId: string; seq: number }[] => {
  const [seq, ...others] = query.seqs;
  if (seq === undefined || others.length > 0) return [];
  const ids = new Set(receipts.map(({ providerRef }) => providerRef));
  return [...ids].map((providerId) => ({ account: query.account, providerId, messageId: query.message_id, seq }));
};

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
