import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';

/**
 * `account_stopped` a provider account is wrongly set up · `circuit_open` a provider has been failing for more than five
 * minutes · `sms_budget` an app's SMS quota is nearly or wholly used.
 */
export const ALARM_KINDS = ['account_stopped', 'circuit_open', 'sms_budget'] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

export interface AlarmRow {
  id: number;
  kind: AlarmKind;
  /** What it is about: `<channel>:<account id>`, an app id. */
  subject: string;
  /** For people: what happened, and what to do. */
  detail: string;
  /** Never a secret, never a person's data. */
  data: Record<string, unknown>;
  /** How often it was raised since it stands. */
  count: number;
  raised_at: Date;
  last_at: Date;
  cleared_at: Date | null;
}

export interface DueAlarm extends AlarmRow {
  /** Failed tries to tell of its present state. */
  attempts: number;
}

const FIELDS = 'id, kind, subject, detail, data, count, raised_at, last_at, cleared_at';

/** What an administrator should look at. Of one kind and subject at most one alarm stands. */
@Injectable()
export class AlarmRepository {
  constructor(private readonly database: Database) {}

  /** In the transaction of what it is about. One that stands is only counted. */
  async raise(
    tx: Sql,
    kind: AlarmKind,
    subject: string,
    detail: string,
    data: Record<string, unknown> = {},
  ): Promise<void> {
    await tx.query(
      `INSERT INTO alarm AS a (kind, subject, detail, data) VALUES ($1, $2, $3, $4)
       ON CONFLICT (kind, subject) WHERE cleared_at IS NULL
       DO UPDATE SET count = a.count + 1, last_at = now(), detail = excluded.detail, data = excluded.data`,
      [kind, subject, detail, JSON.stringify(data)],
    );
  }

  /** What it was about is well again. Without a standing alarm nothing happens. */
  async clear(tx: Sql, kinds: readonly AlarmKind[], subjects: readonly string[]): Promise<void> {
    await tx.query(
      `UPDATE alarm SET cleared_at = now(), due_at = now(), attempts = 0
        WHERE kind = ANY($1::text[]) AND subject = ANY($2::text[]) AND cleared_at IS NULL`,
      [kinds, subjects],
    );
  }

  /** Newest first. @param beforeId null: from the newest @param isOpen null: open and cleared ones */
  list(isOpen: boolean | null, beforeId: number | null, limit: number): Promise<AlarmRow[]> {
    return this.database.query<AlarmRow>(
      `SELECT ${FIELDS} FROM alarm
        WHERE ($1::bigint IS NULL OR id < $1) AND ($2::boolean IS NULL OR (cleared_at IS NULL) = $2)
        ORDER BY id DESC LIMIT $3`,
      [beforeId, isOpen, limit],
    );
  }

  /** Alarms whose present state is still to be told. Taken for `leaseS` seconds: if this process dies they are due again. */
  claimDue(limit: number, leaseS: number): Promise<DueAlarm[]> {
    return this.database.query<DueAlarm>(
      `WITH due AS MATERIALIZED (
         SELECT id FROM alarm WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       UPDATE alarm SET due_at = now() + make_interval(secs => $2) WHERE id = ANY(ARRAY(SELECT id FROM due))
       RETURNING ${FIELDS}, attempts`,
      [limit, leaseS],
    );
  }

  /** Everybody knows. An alarm that changed its state meanwhile stays due. */
  async told({ id, cleared_at: clearedAt }: DueAlarm): Promise<void> {
    await this.database.query(
      'UPDATE alarm SET due_at = NULL, attempts = 0 WHERE id = $1 AND (cleared_at IS NOT NULL) = $2',
      [id, clearedAt !== null],
    );
  }

  async retry({ id, cleared_at: clearedAt }: DueAlarm, delayMs: number): Promise<void> {
    await this.database.query(
      `UPDATE alarm SET due_at = now() + $3 * interval '1 millisecond', attempts = attempts + 1
        WHERE id = $1 AND (cleared_at IS NOT NULL) = $2`,
      [id, clearedAt !== null, delayMs],
    );
  }
}
