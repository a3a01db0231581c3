import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';
import { FORGET, LEARN, NOT_IN_LIST, RESOLVE, RESOLVE_LATE, REVIVE } from './follower.sql.js';
import { NOT_FOLLOWING, NO_OPENID } from './registered-address.sql.js';

/** Somebody who follows a public account. */
export interface Follower {
  openid: string;
  /** Null: he has none, or WeChat did not tell. */
  unionid: string | null;
}

/** A list of an account's followers that is being made. */
export interface FollowerList {
  publicId: string;
  /** When it was begun. By the database's clock, to the microsecond: a text, as PostgreSQL writes it. */
  begunAt: string;
}

/** A list is good for so long; the next is not begun before, except by an administrator. */
const GOOD_FOR = '1 day';
/** What failed is begun again after this. */
const AGAIN_AFTER = '1 hour';

/** SQL: somebody is registered at account `a`. */
const isRegistered = (how: string): string =>
  `EXISTS (SELECT FROM recipient_address r WHERE r.account COLLATE "C" = a.public_id AND r.channel = 'wechat' AND ${how})`;

/**
 * A list of account `a` is of use: somebody is registered by a unionid, or by what may be one, since WeChat refused it, or listed
 * all followers without it; these go on being listed until they follow. Which addresses are unionids nobody knows before the first list.
 */
const IS_WANTED = `(
  ${isRegistered(`(r.unionid IS NOT NULL OR r.suspended_reason IN ('${NO_OPENID}', '${NOT_FOLLOWING}'))`)}
  OR a.followers_listed_at IS NULL AND ${isRegistered('true')})`;

/** The center's copy of who follows its public accounts, and what follows from it for people's addresses. */
@Injectable()
export class FollowerRepository {
  constructor(private readonly database: Database) {}

  /** Begins a list of the account's followers. Null: the account is gone. */
  async begin(publicId: string): Promise<FollowerList | null> {
    const [list] = await this.database.query<FollowerList>(
      `UPDATE public_account SET followers_due_at = now() + interval '${GOOD_FOR}' WHERE public_id = $1
       RETURNING public_id AS "publicId", now()::text AS "begunAt"`,
      [publicId],
    );
    return list ?? null;
  }

  /** Begins the list of an account whose turn it is, which nobody else gets then. Null: there is none. */
  async claimDue(): Promise<FollowerList | null> {
    const [list] = await this.database.query<FollowerList>(
      `WITH due AS MATERIALIZED (
         SELECT a.public_id FROM public_account a
          WHERE a.followers_due_at <= now() AND ${IS_WANTED}
            AND EXISTS (SELECT FROM provider_account p WHERE p.channel = 'wechat' AND p.id COLLATE "C" = a.public_id
                           AND p.provider <> 'sandbox' AND p.enabled)
          ORDER BY a.followers_due_at LIMIT 1 FOR UPDATE OF a SKIP LOCKED
       )
       UPDATE public_account SET followers_due_at = now() + interval '${GOOD_FOR}'
        WHERE public_id = (SELECT public_id FROM due)
       RETURNING public_id AS "publicId", now()::text AS "begunAt"`,
    );
    return list ?? null;
  }

  /** The list could not be made, and nobody needs to do anything about it. */
  async putOff({ publicId }: FollowerList): Promise<void> {
    await this.database.query(
      `UPDATE public_account SET followers_due_at = now() + interval '${AGAIN_AFTER}' WHERE public_id = $1`,
      [publicId],
    );
  }

  /**
   * Takes a part of the list. Who was registered by a unionid in it gets his openid; a unionid at another account, which knows no
   * openid for it, is not used there; who was thought not to follow and does is used again. @returns addresses that got an openid
   */
  learn({ publicId, begunAt }: FollowerList, followers: readonly Follower[]): Promise<number> {
    const openids = followers.map(({ openid }) => openid);
    const unionids = followers.map(({ unionid }) => unionid);
    return this.database.transaction(async (tx) => {
      await tx.query(LEARN, [publicId, openids, unionids, begunAt]);
      const [row] = await tx.query<{ count: number }>(RESOLVE, [unionids.filter((unionid) => unionid !== null)]);
      await tx.query(REVIVE, [publicId, openids, begunAt]);
      return row?.count ?? 0;
    });
  }

  /**
   * The list is whole: who is not in it left, and what was registered well before and is no openid in it reaches nobody.
   * @returns addresses that got an openid, because they were registered while the list was made
   */
  finish({ publicId, begunAt }: FollowerList): Promise<number> {
    return this.database.transaction(async (tx) => {
      await tx.query(
        'UPDATE public_account SET followers_listed_at = greatest(followers_listed_at, $2::timestamptz) WHERE public_id = $1',
        [publicId, begunAt],
      );
      await tx.query('DELETE FROM public_account_follower WHERE public_id = $1 AND seen_at < $2', [publicId, begunAt]);
      const [row] = await tx.query<{ count: number }>(RESOLVE_LATE, [publicId, begunAt]);
      await tx.query(NOT_IN_LIST, [publicId, begunAt]);
      return row?.count ?? 0;
    });
  }

  /** The account is another one at WeChat now: its openids mean nobody, its unionids wait to be resolved. */
  async forget(tx: Sql, publicId: string): Promise<void> {
    await tx.query('DELETE FROM public_account_follower WHERE public_id = $1', [publicId]);
    await tx.query(
      'UPDATE public_account SET followers_listed_at = NULL, followers_due_at = now() WHERE public_id = $1',
      [publicId],
    );
    await tx.query(FORGET, [publicId]);
  }
}
