import { Injectable } from '@nestjs/common';
import type { InlineContent, Params, PlanMode, SuccessState } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import type { ClaimedWork } from '../work/work.repository.js';

/** A delivery that is to be sent now, with what the sender must know of it. */
export interface DueDelivery {
  message_id: string;
  seq: number;
  work_id: number;
  recipient: string;
  address: string;
  /** `delivery.ref`; the reference that travels is made of it by `encodeDeliveryRef`. */
  ref: string;
  name: string | null;
  params: Params | null;
  /** Provider calls so far. */
  attempts: number;
  is_cancelled: boolean;
}

/** What the deliveries of one message share. */
export interface MessageForSending {
  id: string;
  client_app_id: string;
  /** Display name of the calling app. */
  source: string;
  content: InlineContent | null;
  template_version_id: number | null;
  params: Params | null;
  mode: PlanMode;
  success: { channel: string; successWhen?: SuccessState; withinS?: number }[];
}

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

/** A next try or a wait for proof: a row that replaces finished work. */
export interface NextWork {
  kind: 'deliver' | 'proof';
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
}

/** What a channel worker reads before, and writes after, its provider calls. */
@Injectable()
export class DeliveryWorkRepository {
  constructor(private readonly database: Database) {}

  /** The deliveries of claimed work that are still to be sent. */
  load(work: readonly ClaimedWork[]): Promise<DueDelivery[]> {
    const ids = work.map((row) => row.message_id).sort();
    const pairs = work.flatMap((row) => row.seqs.map((seq) => [row.message_id, seq, row.id] as const));
    return this.database.query<DueDelivery>(
      `SELECT d.message_id, d.seq, w.work_id::float8 AS work_id, d.recipient, d.address, d.ref, coalesce(d.name, r.name) AS name,
              d.params, d.attempts, s.cancel_requested_at IS NOT NULL AS is_cancelled
         FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS w(message_id, seq, work_id)
         JOIN delivery d ON d.message_id = w.message_id AND d.seq = w.seq AND d.message_id BETWEEN $4 AND $5
         JOIN message_state s ON s.message_id = d.message_id AND s.message_id BETWEEN $4 AND $5
         LEFT JOIN recipient r ON r.user_id = d.recipient
        WHERE d.status < 20`,
      [pairs.map((p) => p[0]), pairs.map((p) => p[1]), pairs.map((p) => p[2]), ids[0], ids.at(-1)],
      'load_deliveries',
    );
  }

  /** The messages behind a batch, each once however many recipients it has. */
  messages(ids: readonly string[]): Promise<MessageForSending[]> {
    return this.database.query<MessageForSending>(
      `SELECT m.id, m.client_app_id, coalesce(a.name, '') AS source, m.content, m.template_version_id, m.params,
              m.plan->>'mode' AS mode, m.plan->'steps' AS success
         FROM message m LEFT JOIN client_app a ON a.app_id = m.client_app_id
        WHERE m.id = ANY($1::uuid[])`,
      [ids],
      'load_messages',
    );
  }

  /** Content of template versions; a version never changes, so callers may keep it for good. */
  templateVersions(ids: readonly number[]): Promise<{ id: number; content: Record<string, Record<string, string>> }[]> {
    return this.database.query('SELECT id, content FROM template_version WHERE id = ANY($1::bigint[])', [ids]);
  }

  /** True for messages whose cancelling was asked for since their deliveries were loaded. */
  async cancelledAmong(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ message_id: string }>(
      'SELECT message_id FROM message_state WHERE message_id = ANY($1::uuid[]) AND cancel_requested_at IS NOT NULL',
      [ids],
      'cancelled_among',
    );
    return new Set(rows.map((row) => row.message_id));
  }

  /**
   * Appends to the ledger. Where two workers counted the same try (a lease was lost during a call), the row stays the
   * first one's and is flagged.
   */
  async recordAttempts(tx: Sql, attempts: readonly AttemptRecord[]): Promise<void> {
    if (attempts.length === 0) return;
    await tx.query(
      `INSERT INTO delivery_attempt (message_id, seq, attempt, started_at, finished_at, provider, account, outcome, code, words,
                                     is_possible_duplicate)
       SELECT x."messageId", x.seq, x.attempt, x."startedAt", x."finishedAt", x.provider, x.account, x.outcome,
              left(x.code, 64), left(x.words, 500), x."isPossibleDuplicate"
         FROM jsonb_to_recordset($1::jsonb) AS x("messageId" uuid, seq int, attempt smallint, "startedAt" timestamptz,
              "finishedAt" timestamptz, provider text, account text, outcome text, code text, words text,
              "isPossibleDuplicate" boolean)
       ON CONFLICT (message_id, seq, attempt) DO UPDATE SET is_possible_duplicate = true`,
      [JSON.stringify(attempts)],
      'record_attempts',
    );
  }

  async scheduleNext(tx: Sql, next: readonly NextWork[]): Promise<void> {
    if (next.length === 0) return;
    await tx.query(
      `INSERT INTO work (kind, message_id, app_id, channel, priority, seqs, due_at, expires_at, attempts, started_at)
       SELECT x.kind, x."messageId", x."appId", x.channel, x.priority,
              ARRAY(SELECT e::int FROM jsonb_array_elements_text(x.seqs) e),
              now() + x."dueInMs" * interval '1 millisecond', x."expiresAt", x.attempts,
              to_timestamp(x."startedMs" / 1000)
         FROM jsonb_to_recordset($1::jsonb) AS x(kind text, "messageId" uuid, "appId" text, channel text, priority smallint,
              seqs jsonb, "dueInMs" float8, attempts smallint, "startedMs" float8, "expiresAt" timestamptz)`,
      [JSON.stringify(next)],
    );
  }

  /** Remembers the provider's ids so that a receipt finds its delivery. */
  async rememberProviderRefs(
    tx: Sql,
    refs: readonly { account: string; providerId: string; messageId: string; seq: number }[],
  ): Promise<void> {
    if (refs.length === 0) return;
    await tx.query(
      `INSERT INTO provider_ref (account, provider_id, message_id, seq)
       SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING`,
      [refs.map((r) => r.account), refs.map((r) => r.providerId), refs.map((r) => r.messageId), refs.map((r) => r.seq)],
    );
  }
}
