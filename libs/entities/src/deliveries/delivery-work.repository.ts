import { Injectable } from '@nestjs/common';
import type { Channel, InlineContent, MessageKind, Params, PlanMode, SuccessState } from '#contracts';
import { Database, FORGETTABLE } from '../connection/database.js';
import { HANDOVER_S } from '../fan-out/fan-out-end.sql.js';
import { isTodoDone, isTodoOpen } from '../todos/closed-todo.sql.js';
import { LEASE_S, type ClaimedWork } from '../work/work.repository.js';

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
  /** The account its address belongs to; null: any of the channel. */
  account: string | null;
  /** Provider calls so far. */
  attempts: number;
  is_cancelled: boolean;
}

/** What the deliveries of one message share. */
export interface MessageForSending {
  id: string;
  client_app_id: string;
  accepted_at: Date;
  kind: MessageKind;
  /** Id of the to-do that it reminds of. */
  reminder_of: string | null;
  /** Display name of the calling app. */
  source: string;
  content: InlineContent | null;
  template_version_id: number | null;
  params: Params | null;
  mode: PlanMode;
  /** One provider call and no other, whatever becomes of it. */
  is_once: boolean;
  success: { channel: string; successWhen?: SuccessState; withinS?: number }[];
}

/** Work as an event names it. */
export interface WantedWork {
  id: number;
  channel: Channel;
}

/** Work with one of its deliveries; `seq` null: none of them is still to be sent. */
interface ClaimedRow extends Omit<DueDelivery, 'seq' | 'work_id'>, Omit<ClaimedWork, 'attempts'> {
  tries: number;
  seq: number | null;
}

/**
 * A claim holds work at least this long. Of a hand-over with so much left the row's time stays as it is: an update that moves no
 * index entry is far cheaper.
 */
export const CLAIM_HOLDS_S = 20;

const CLAIM = `
WITH forgettable AS MATERIALIZED (
  ${FORGETTABLE}
), claimed AS (
  UPDATE work w
     SET lease_token = $2, claims = w.claims + 1,
         due_at = CASE WHEN w.due_at > now() + interval '${CLAIM_HOLDS_S} seconds' THEN w.due_at
                       ELSE now() + interval '${LEASE_S} seconds' END
    FROM unnest($1::bigint[], $3::text[]) AS c(id, channel) CROSS JOIN forgettable
   WHERE w.id = c.id AND w.channel = c.channel AND w.kind = 'deliver' AND w.lease_token IS NULL
     AND w.due_at <= now() + interval '${HANDOVER_S} seconds'
  RETURNING w.*
)
SELECT c.id, c.message_id, c.app_id, c.channel, c.priority, c.attempts AS tries, c.claims, c.expires_at, c.avoid,
       coalesce(c.expires_at <= now(), false) AS is_expired, (extract(epoch FROM c.started_at) * 1000)::float8 AS started_ms,
       d.seq, d.recipient, d.address, d.ref, coalesce(d.name, r.name) AS name, d.params, d.account, d.attempts,
       s.cancel_requested_at IS NOT NULL AS is_cancelled
  FROM claimed c
  LEFT JOIN message_state s ON s.message_id = c.message_id
  LEFT JOIN LATERAL (
    SELECT d.* FROM unnest(c.seqs) AS u(seq) JOIN delivery d ON d.message_id = c.message_id AND d.seq = u.seq
     WHERE d.status < 20 OR (d.status = 20 AND c.avoid IS NOT NULL) OR (d.status < 40 AND c.avoid = '{}')
  ) d ON true
  LEFT JOIN recipient r ON r.user_id = d.recipient`;

const CLOSED_TODOS = `
SELECT k.place::int FROM unnest($1::uuid[], $2::text[], $3::int[]) WITH ORDINALITY AS k(todo_id, user_id, seq, place)
 WHERE CASE WHEN k.seq IS NULL THEN NOT ${isTodoOpen('k.todo_id', 'k.user_id')}
            ELSE ${isTodoDone({ messageId: 'k.todo_id', seq: 'k.seq', userId: 'k.user_id', bounds: '$4 AND $5' })} END`;

/** What a channel worker reads before its provider calls. */
@Injectable()
export class DeliveryWorkRepository {
  constructor(private readonly database: Database) {}

  /**
   * Holds what of these rows nobody else holds or has done, and reads their deliveries that are still to be sent. A repeated
   * event claims nothing, and neither does one of another time: after a restore from a backup ids are given out again, and what
   * an old event names may be another channel's, or not due yet. A claim that a crash of the database forgets is like one whose
   * holder died: its outcome is not stored, and the work is handed over again. Where that must not be, the lease is renewed
   * before the call.
   */
  async claim(wanted: readonly WantedWork[], leaseToken: string): Promise<{ work: ClaimedWork[]; due: DueDelivery[] }> {
    const rows = await this.database.keyed.query<ClaimedRow>(
      CLAIM,
      [wanted.map(({ id }) => id), leaseToken, wanted.map(({ channel }) => channel)],
      'claim_work',
    );
    const work = new Map<number, ClaimedWork>();
    const due: DueDelivery[] = [];
    for (const row of rows) {
      if (!work.has(row.id)) work.set(row.id, { ...row, attempts: row.tries });
      if (row.seq !== null) due.push({ ...row, seq: row.seq, work_id: row.id });
    }
    return { work: [...work.values()], due };
  }

  /** The messages behind a batch, each once however many recipients it has. */
  messages(ids: readonly string[]): Promise<MessageForSending[]> {
    return this.database.query<MessageForSending>(
      `SELECT m.id, m.client_app_id, m.accepted_at, m.kind, m.reminder_of, coalesce(a.name, '') AS source, m.content, m.template_version_id, m.params,
              m.plan->>'mode' AS mode, m.plan ? 'isOnce' AS is_once, m.plan->'steps' AS success
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

  /**
   * Deliveries that a to-do no longer needs: its recipient has done it, or has it open no more where it is a reminder. Of
   * messages that are no to-dos nothing is asked.
   */
  async ofClosedTodos<T extends { delivery: DueDelivery; message: MessageForSending }>(
    items: readonly T[],
  ): Promise<ReadonlySet<T>> {
    const asked = items.filter(({ message }) => message.kind === 'todo' || message.reminder_of !== null);
    if (asked.length === 0) return new Set();
    const todoIds = asked.map(({ message }) => message.reminder_of ?? message.id);
    const inOrder = [...todoIds].sort();
    const rows = await this.database.query<{ place: number }>(
      CLOSED_TODOS,
      [
        todoIds,
        asked.map(({ delivery }) => delivery.recipient),
        // A reminder's own key says nothing about the to-do.
        asked.map(({ message, delivery }) => (message.reminder_of === null ? delivery.seq : null)),
        inOrder[0],
        inOrder.at(-1),
      ],
      'closed_todos',
    );
    return new Set(rows.flatMap(({ place }) => asked[place - 1] ?? []));
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
}
