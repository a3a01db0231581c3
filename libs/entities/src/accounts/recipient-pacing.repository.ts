import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** At most `max` messages of one account to one recipient within any `windowS` seconds. */
export interface RecipientWindow {
  max: number;
  windowS: number;
}

export interface WindowAnswer {
  address: string;
  window_s: number;
  /** Counted in the window, with what this call asked for. */
  used: number;
  /** Until the window ends if nobody sends any more, ms. */
  ends_ms: number;
}

const IS_OVER = 'r.window_start + make_interval(secs => r.window_s) <= now()';

/**
 * Messages to one recipient. Vendors that drop what is too much say nothing, so this counts strictly: a count begins anew
 * only after a silence of a whole window, hence no window of that length ever holds more than the limit, wherever it is
 * laid. The table is unlogged: a crash forgives.
 */
@Injectable()
export class RecipientPacingRepository {
  constructor(private readonly database: Database) {}

  /** Counts `wanted` messages per address in every window; what is over the limit is the caller's to give back. */
  take(
    account: string,
    wanted: ReadonlyMap<string, number>,
    windows: readonly RecipientWindow[],
  ): Promise<WindowAnswer[]> {
    const [addresses, counts] = [[...wanted.keys()], [...wanted.values()]];
    // Sorted, so that two workers with the same recipients do not lock each other out.
    return this.database.query<WindowAnswer>(
      `INSERT INTO recipient_window AS r (account, address, window_s, window_start, used)
       SELECT $1, a.address, w.window_s, now(), a.wanted
         FROM unnest($2::text[], $3::int[]) AS a(address, wanted)
        CROSS JOIN unnest($4::int[], $5::int[]) AS w(window_s, max)
        ORDER BY a.address COLLATE "C", w.window_s
       ON CONFLICT (account, address, window_s) DO UPDATE
         SET used = excluded.used + CASE WHEN ${IS_OVER} THEN 0 ELSE r.used END,
             window_start = CASE WHEN ${IS_OVER} OR r.used < (SELECT m.max FROM unnest($4::int[], $5::int[]) AS m(window_s, max)
                                                                WHERE m.window_s = r.window_s) THEN now() ELSE r.window_start END
       RETURNING address, window_s, used,
                 (extract(epoch FROM window_start - now()) + window_s)::float8 * 1000 AS ends_ms`,
      [account, addresses, counts, windows.map(({ windowS }) => windowS), windows.map(({ max }) => max)],
      'take_recipient_windows',
    );
  }

  /** Messages that were counted and not sent. */
  async giveBack(account: string, unsent: ReadonlyMap<string, number>): Promise<void> {
    await this.database.query(
      `WITH u AS (
         SELECT r.address, r.window_s, x.unsent FROM unnest($2::text[], $3::int[]) AS x(address, unsent)
           JOIN recipient_window r ON r.account = $1 AND r.address = x.address
          ORDER BY r.address, r.window_s FOR UPDATE OF r
       )
       UPDATE recipient_window r SET used = greatest(0, r.used - u.unsent) FROM u
        WHERE r.account = $1 AND r.address = u.address AND r.window_s = u.window_s`,
      [account, [...unsent.keys()], [...unsent.values()]],
      'give_back_recipient_windows',
    );
  }
}
