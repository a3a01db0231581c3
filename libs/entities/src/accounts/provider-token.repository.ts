import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';

/** What is kept under a key; all times are measured by the database's clock. */
export interface StoredToken {
  /** Sealed; null: none was fetched yet. */
  token: Buffer | null;
  /** Until it expires; negative: it has. */
  leftMs: number;
  /** From its fetching to its expiry. */
  lifeMs: number;
  /** Outcome of the last refused fetch. */
  refused: Record<string, unknown> | null;
  /** For how long the refusal is still to be answered; 0 or less: no longer. */
  refusedLeftMs: number;
  /** Since it was last fetched because the vendor refused the one before; null: never. */
  forcedAgoMs: number | null;
}

/** What a fetch brought: a new token, or a refusal and for how long nobody is to ask again. */
export type TokenChange = { token: Buffer; expiresInS: number; isForced: boolean } | { refused: object; forMs: number };

/** A holder that is silent for this long loses the row, and whoever waits for it gives up a little later. */
const HOLDER_MAX = '25s';
const WAITER_MAX = '28s';

const SELECT = `
SELECT token, refused,
       coalesce(extract(epoch FROM expires_at - clock_timestamp()) * 1000, 0)::float8 AS "leftMs",
       coalesce(extract(epoch FROM expires_at - fetched_at) * 1000, 0)::float8 AS "lifeMs",
       coalesce(extract(epoch FROM refused_until - clock_timestamp()) * 1000, 0)::float8 AS "refusedLeftMs",
       (extract(epoch FROM clock_timestamp() - forced_at) * 1000)::float8 AS "forcedAgoMs"
  FROM provider_token WHERE key = $1`;

const EMPTY: StoredToken = {
  token: null,
  leftMs: 0,
  lifeMs: 0,
  refused: null,
  refusedLeftMs: 0,
  forcedAgoMs: null,
};

/** Vendors' tokens, one row a key: whoever holds the row's lock fetches. Fits the `TokenStore` port of libs/providers. */
@Injectable()
export class ProviderTokenRepository {
  constructor(private readonly database: Database) {}

  async find(key: string): Promise<StoredToken | null> {
    const [row] = await this.database.query<StoredToken>(SELECT, [key], 'find_token_of_provider');
    return row ?? null;
  }

  /**
   * Runs `body` while nobody else, in any process, holds the key; what it writes stands when it ends well. It may call the
   * vendor meanwhile: the server ends a holder that is silent too long, and its lock with it.
   * @param isPatient false: answers null at once where somebody else holds it
   */
  hold<T>(
    key: string,
    isPatient: boolean,
    body: (stored: StoredToken, write: (change: TokenChange) => Promise<void>) => Promise<T>,
  ): Promise<T | null> {
    return this.database.transaction(async (tx) => {
      await tx.query(
        `SELECT set_config('lock_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)`,
        [WAITER_MAX, HOLDER_MAX],
      );
      if (!(await this.lock(tx, key, isPatient))) return null;
      const [stored] = await tx.query<StoredToken>(SELECT, [key]);
      return body(stored ?? EMPTY, (change) => this.write(tx, key, change));
    });
  }

  /**
   * The next who needs a token asks the vendor again, whatever it said before: an administrator may have mended at the vendor what
   * it complained of. What is being fetched right now is left alone.
   */
  async forgetRefusals(sql: Sql = this.database): Promise<void> {
    await sql.query(
      `UPDATE provider_token SET refused = NULL, refused_until = NULL
        WHERE key IN (SELECT key FROM provider_token WHERE refused_until > clock_timestamp() FOR UPDATE SKIP LOCKED)`,
    );
  }

  private async lock(tx: Sql, key: string, isPatient: boolean): Promise<boolean> {
    if (isPatient) await tx.query('INSERT INTO provider_token (key) VALUES ($1) ON CONFLICT DO NOTHING', [key]);
    const rows = await tx.query(
      `SELECT 1 FROM provider_token WHERE key = $1 FOR UPDATE ${isPatient ? '' : 'SKIP LOCKED'}`,
      [key],
    );
    return rows.length > 0;
  }

  private async write(tx: Sql, key: string, change: TokenChange): Promise<void> {
    if ('refused' in change) {
      await tx.query(
        `UPDATE provider_token SET refused = $2, refused_until = clock_timestamp() + $3 * interval '1 millisecond' WHERE key = $1`,
        [key, JSON.stringify(change.refused), change.forMs],
      );
      return;
    }
    await tx.query(
      `UPDATE provider_token
          SET token = $2, fetched_at = clock_timestamp(), expires_at = clock_timestamp() + $3 * interval '1 second',
              forced_at = CASE WHEN $4 THEN clock_timestamp() ELSE forced_at END, refused = NULL, refused_until = NULL
        WHERE key = $1`,
      [key, change.token, change.expiresInS, change.isForced],
    );
  }
}
