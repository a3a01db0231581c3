import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** At most `max` messages of one account to one recipient within any `windowS` seconds. */
export interface RecipientWindow {
  max: number;
  windowS: number;
}

/** What one window of one recipient gave. */
export interface WindowGrant {
  address: string;
  window_s: number;
  /** Of what was asked for. */
  granted: number;
  /** Start of the counter in which it was counted, by which it is given back. */
  counter: string;
  /** Messages by counter with `granted`, the newest first. */
  counts: number[];
  /** Since the newest counter began, ms. */
  age_ms: number;
}

/** Messages that were counted and not sent. */
export interface UnsentMessages {
  address: string;
  window_s: number;
  counter: string;
  unsent: number;
}

/**
 * Counters of a window: the newest and six before it, each for a sixth of the window. A message is at most six sixths and a
 * part of one old while it is counted, so it counts for a whole window and for no more than a sixth longer.
 */
const PARTS = 6;
const COUNTERS = PARTS + 1;
const LIMITS = 'unnest($4::int[], $5::int[]) AS m(window_s, max)';
/** Counters that have begun since the newest one stored. */
const PASSED = `greatest(0, floor(extract(epoch FROM now() - r.window_start) * ${PARTS} / r.window_s))::int`;

/**
 * Messages to one recipient. Vendors that drop what is too much say nothing, so this counts strictly: no window of that length
 * ever holds more than the limit, wherever it is laid. The table is unlogged: a crash forgives.
 */
@Injectable()
export class RecipientPacingRepository {
  constructor(private readonly database: Database) {}

  /** Counts up to `wanted` messages per address in every window, as far as each has room by itself. */
  take(
    account: string,
    wanted: ReadonlyMap<string, number>,
    windows: readonly RecipientWindow[],
  ): Promise<WindowGrant[]> {
    // Sorted, so that two workers with the same recipients do not lock each other out.
    return this.database.query<WindowGrant>(
      `INSERT INTO recipient_window AS r (account, address, window_s, window_start, counts, granted)
       SELECT $1, a.address, m.window_s, now(),
              least(a.wanted, m.max) || array_fill(0, ARRAY[${PARTS}]), least(a.wanted, m.max)
         FROM unnest($2::text[], $3::int[]) AS a(address, wanted) CROSS JOIN ${LIMITS}
        ORDER BY a.address COLLATE "C", m.window_s
       ON CONFLICT (account, address, window_s) DO UPDATE
         SET (window_start, counts, granted) = (
           SELECT k.start, (k.counts[1] + k.granted) || k.counts[2:], k.granted
             FROM (SELECT p.start, p.counts,
                          least(excluded.granted, greatest(0, m.max - (SELECT sum(c) FROM unnest(p.counts) AS c)))::int AS granted
                     FROM (SELECT n, CASE WHEN n < ${COUNTERS} THEN r.window_start + n * r.window_s * interval '1 second' / ${PARTS}
                                     ELSE now() END AS start,
                                  array_fill(0, ARRAY[least(n, ${COUNTERS})]) || r.counts[1:${COUNTERS} - n] AS counts
                             FROM (SELECT ${PASSED} AS n) AS passed) AS p, ${LIMITS}
                    WHERE m.window_s = r.window_s) AS k)
       RETURNING address, window_s, granted, window_start::text AS counter, counts,
                 greatest(0, extract(epoch FROM now() - window_start))::float8 * 1000 AS age_ms`,
      [
        account,
        [...wanted.keys()],
        [...wanted.values()],
        windows.map(({ windowS }) => windowS),
        windows.map(({ max }) => max),
      ],
      'take_recipient_windows',
    );
  }

  /** Takes messages out of the counters in which they were counted; those that are gone have forgotten them anyway. */
  async giveBack(account: string, unsent: readonly UnsentMessages[]): Promise<void> {
    await this.database.query(
      `WITH u AS (
         SELECT r.address, r.window_s, x.unsent,
                1 + round(extract(epoch FROM r.window_start - x.counter) * ${PARTS} / r.window_s)::int AS at
           FROM unnest($2::text[], $3::int[], $4::timestamptz[], $5::int[]) AS x(address, window_s, counter, unsent)
           JOIN recipient_window r ON r.account = $1 AND r.address = x.address AND r.window_s = x.window_s
          ORDER BY r.address, r.window_s FOR UPDATE OF r
       )
       UPDATE recipient_window r
          SET counts = r.counts[:u.at - 1] || greatest(0, r.counts[u.at] - u.unsent) || r.counts[u.at + 1:]
         FROM u WHERE r.account = $1 AND r.address = u.address AND r.window_s = u.window_s AND u.at BETWEEN 1 AND ${COUNTERS}`,
      [
        account,
        unsent.map(({ address }) => address),
        unsent.map(({ window_s: windowS }) => windowS),
        unsent.map(({ counter }) => counter),
        unsent.map((one) => one.unsent),
      ],
      'give_back_recipient_windows',
    );
  }
}

/** After how many ms a window that has given all it has lets the next message through, if nothing is given back. */
export function reopensInMs({ window_s: windowS, counts, age_ms: ageMs }: WindowGrant, max: number): number {
  const partMs = (windowS * 1000) / PARTS;
  let kept = 0;
  let sum = 0;
  while (kept < counts.length && sum + (counts[kept] ?? 0) < max) sum += counts[kept++] ?? 0;
  return Math.max(0, (COUNTERS - kept) * partMs - ageMs);
}
