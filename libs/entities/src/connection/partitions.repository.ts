import { Injectable } from '@nestjs/common';
import { INBOX_STATE } from '#contracts';
import { firstIdAt, timeOfMessageId } from '../messages/message-id.js';
import { DatabaseAwayError } from './database-away.error.js';
import type { Database, Sql } from './database.js';
import { LOCK_NOT_AVAILABLE } from './sql-state.js';

/** Tables partitioned on the message id, with the fill factor their update pattern wants (room for HOT updates). */
const PARTITIONED: Readonly<Record<string, number>> = {
  message: 100,
  message_state: 70,
  delivery: 50,
  delivery_attempt: 100,
};

const WEEK_MS = 7 * 24 * 3600 * 1000;
/** Partitions are made this far ahead; readiness turns red when fewer than `RED_BELOW_WEEKS` are left. */
const AHEAD_WEEKS = 8;
export const RED_BELOW_WEEKS = 2;
/** One maker at a time; the number is arbitrary and only ours. */
const ADVISORY_LOCK = 0x6d635f70;
/** For the lock of a partition and of its table. */
const DROP_WAITS = '200ms';
const UUID_IN_BOUND = /'([0-9a-f-]{36})'/g;

/** Makes the partitions ahead of time and drops those past retention. There is no DEFAULT partition to fall into. */
@Injectable()
export class PartitionsRepository {
  /**
   * Makes what is missing until eight weeks ahead. Safe to call from every replica at once.
   * @param nowMs by the database's clock @param weeks width of a new partition
   */
  async ensure(tx: Sql, nowMs: number, weeks: number): Promise<void> {
    await tx.query('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    for (const [table, fillfactor] of Object.entries(PARTITIONED)) {
      const widthMs = weeks * WEEK_MS;
      let fromMs = (await this.coveredUntil(tx, table)) ?? Math.floor(nowMs / widthMs) * widthMs;
      while (fromMs < nowMs + AHEAD_WEEKS * WEEK_MS) {
        await this.create(tx, table, fillfactor, fromMs, fromMs + widthMs);
        fromMs += widthMs;
      }
    }
  }

  /** Epoch ms up to which every partitioned table has partitions; null when one has none. */
  async coverage(sql: Sql): Promise<number | null> {
    const ends = await Promise.all(Object.keys(PARTITIONED).map((table) => this.coveredUntil(sql, table)));
    return ends.reduce<number | null>(
      (least, end) => (least === null || end === null ? null : Math.min(least, end)),
      Infinity,
    );
  }

  /**
   * Drops partitions that ended before `beforeMs` and hold neither live work nor an open to-do. Those who read the table at
   * that moment are waited for, and everybody else behind them: not for long, and what could not be dropped is left for the
   * next time.
   */
  async dropBefore(database: Database, beforeMs: number): Promise<{ dropped: string[]; inUse: string[] }> {
    const outcome: { dropped: string[]; inUse: string[] } = { dropped: [], inUse: [] };
    for (const table of Object.keys(PARTITIONED)) {
      for (const { name, bound } of await this.list(database, table)) {
        const [from, to] = [...bound.matchAll(UUID_IN_BOUND)].map((match) => match[1] ?? '');
        if (!from || !to || timeOfMessageId(to) > beforeMs) continue;
        if (await isNeeded(database, from, to)) continue;
        const names = (await drop(database, name)) ? outcome.dropped : outcome.inUse;
        names.push(name);
      }
    }
    return outcome;
  }

  private async coveredUntil(sql: Sql, table: string): Promise<number | null> {
    const ends = (await this.list(sql, table)).map(({ bound }) => [...bound.matchAll(UUID_IN_BOUND)].at(-1)?.[1] ?? '');
    return ends.length === 0 ? null : Math.max(...ends.map(timeOfMessageId));
  }

  private list(sql: Sql, table: string): Promise<{ name: string; bound: string }[]> {
    return sql.query<{ name: string; bound: string }>(
      `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
         FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = $1::regclass ORDER BY c.relname`,
      [table],
    );
  }

  /** Attached, not made as a part: that would wait for everybody who reads or writes the table, and they for it. */
  private async create(tx: Sql, table: string, fillfactor: number, fromMs: number, toMs: number): Promise<void> {
    const suffix = new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '');
    await tx.query(
      `CREATE TABLE "${table}_p${suffix}"
         (LIKE "${table}" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION)
         WITH (fillfactor = ${fillfactor})`,
    );
    await tx.query(
      `ALTER TABLE "${table}" ATTACH PARTITION "${table}_p${suffix}"
         FOR VALUES FROM ('${firstIdAt(fromMs)}') TO ('${firstIdAt(toMs)}')`,
    );
  }
}

/** False: somebody reads or writes the table right now. */
async function drop(database: Database, name: string): Promise<boolean> {
  try {
    await database.transaction(async (tx) => {
      await tx.query(`SELECT set_config('lock_timeout', $1, true)`, [DROP_WAITS]);
      await tx.query(`DROP TABLE "${name}"`);
    });
    return true;
  } catch (error) {
    if (error instanceof DatabaseAwayError && error.reason === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

/** Two looks at an index: of work by message, and of the open to-dos of the partition. */
async function isNeeded(sql: Sql, from: string, to: string): Promise<boolean> {
  const found = await sql.query(
    `(SELECT 1 FROM work WHERE message_id >= $1 AND message_id < $2 LIMIT 1)
     UNION ALL
     (SELECT 1 FROM delivery WHERE message_id >= $1 AND message_id < $2 AND inbox_state = ${INBOX_STATE.open} LIMIT 1)`,
    [from, to],
  );
  return found.length > 0;
}
