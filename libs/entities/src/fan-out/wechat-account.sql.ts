/** SQL expressions that name who is asked for and what for. */
interface Asked {
  appId: string;
  /** Public account that the message's content belongs to; null where it fits any. */
  pinned: string;
}

/** Nobody has set up a public account: whatever serves the channel takes every openid. */
const NO_PUBLIC_ACCOUNT = 'NOT EXISTS (SELECT FROM public_account)';

/**
 * SQL: the enabled public account through which the app sends to openids of the account `of` (empty: of the app's own). One that is
 * bound to client apps serves no others; one that is bound to the app goes before one that is open to all.
 */
const usableAccount = ({ appId, pinned, of }: Asked & { of: string }): string => `
  SELECT p.id AS account, ${appId} COLLATE "C" = ANY(a.client_apps) AS is_bound
    FROM provider_account p JOIN public_account a ON a.public_id = p.id COLLATE "C"
   WHERE p.channel = 'wechat' AND p.enabled AND (a.client_apps = '{}' OR ${appId} COLLATE "C" = ANY(a.client_apps))
     AND (${pinned} IS NULL OR p.id = ${pinned}) AND ${of} IN ('', p.id)
   ORDER BY is_bound DESC, p.id LIMIT 1`;

/**
 * SQL of a lateral subquery: the openid of `userId` and the public account to send it through (`address`, `account`), or no row.
 * The account is null where none is set up.
 * @param only condition without which nothing is looked for
 */
export const wechatFollower = ({ userId, only, ...asked }: Asked & { userId: string; only: string }): string => `
  SELECT wa.address, own.account
    FROM recipient_address wa LEFT JOIN LATERAL (${usableAccount({ ...asked, of: 'wa.account' })}) own ON true
   WHERE ${only} AND wa.user_id = ${userId} AND wa.channel = 'wechat' AND wa.app_id IN ('', ${asked.appId})
     AND wa.suspended_at IS NULL AND (own.account IS NOT NULL OR ${NO_PUBLIC_ACCOUNT})
     AND (${asked.pinned} IS NULL OR wa.account IN ('', ${asked.pinned}))
   ORDER BY own.is_bound DESC NULLS LAST, wa.app_id, own.account, wa.account LIMIT 1`;

/**
 * SQL of a lateral subquery: the public account for an openid of somebody outside the directory, which is taken for one of the
 * app's own account (`is_there`, and `account`, null where none is set up), or no row where the app may use none.
 */
export const wechatOutsider = ({ only, ...asked }: Asked & { only: string }): string => `
  SELECT true AS is_there, own.account
    FROM (SELECT WHERE ${only}) here LEFT JOIN LATERAL (${usableAccount({ ...asked, of: "''" })}) own ON true
   WHERE own.account IS NOT NULL OR ${NO_PUBLIC_ACCOUNT}`;
