/** Why an address is not used: it is a unionid of somebody of whom the account of the address knows no openid. */
export const UNRESOLVED = 'unionid_unresolved';
/** WeChat's errcode: what it was given is no openid of the account. */
export const NO_OPENID = '40003';
/** Why an address is not used: a whole list of the account's followers, begun after it was registered, lacks it. */
export const NOT_FOLLOWING = 'not_following';

/** SQL expressions of an address as somebody registers it. */
interface Given {
  channel: string;
  account: string;
  address: string;
}

/**
 * SQL of a subquery of one row: what is stored for an address (`address`, `unionid`, `suspended_at`, `reason`). Nothing in its form
 * tells a unionid from an openid. What stands as a unionid in the list of any account is one, since all accounts of an owner
 * share them; what WeChat refused as an openid stays refused where a whole list of the account's followers lacks it, too.
 * `OFFSET 0` keeps the planner from looking again wherever the reason is named.
 */
export const registeredAs = ({ channel, account, address }: Given): string => `
  SELECT coalesce(u.openid, ${address}) AS address, CASE WHEN u.is_unionid THEN ${address} END AS unionid, j.reason,
         CASE WHEN j.reason IS NOT NULL THEN now() END AS suspended_at
    FROM (SELECT) one
    LEFT JOIN LATERAL (
      SELECT true AS is_unionid, CASE WHEN f.public_id = ${account} COLLATE "C" THEN f.openid END AS openid
        FROM public_account_follower f WHERE ${channel} = 'wechat' AND f.unionid = ${address}
       ORDER BY (f.public_id = ${account} COLLATE "C") DESC, f.seen_at DESC LIMIT 1
    ) u ON true
   CROSS JOIN LATERAL (
      SELECT CASE WHEN u.openid IS NOT NULL THEN NULL
                  WHEN u.is_unionid THEN '${UNRESOLVED}'
                  WHEN ${channel} = 'wechat' AND EXISTS (
                    SELECT FROM recipient_address x JOIN public_account p ON p.public_id = x.account COLLATE "C"
                     WHERE x.channel = 'wechat' AND x.address = ${address} AND x.account = ${account}
                       AND x.suspended_reason = '${NO_OPENID}' AND p.followers_listed_at IS NOT NULL
                       AND NOT EXISTS (SELECT FROM public_account_follower o
                                        WHERE o.public_id = p.public_id AND o.openid = x.address)) THEN '${NO_OPENID}' END AS reason
      OFFSET 0
    ) j`;

/** SQL: ends an INSERT into `recipient_address a` of rows as above. An address that stays suspended keeps its date. */
export const REPLACE_ADDRESS = `
ON CONFLICT (user_id, channel, app_id, account) DO UPDATE
  SET address = excluded.address, unionid = excluded.unionid, suspended_reason = excluded.suspended_reason, updated_at = now(),
      suspended_at = CASE WHEN excluded.suspended_at IS NULL THEN NULL
                          WHEN a.address = excluded.address THEN coalesce(a.suspended_at, excluded.suspended_at)
                          ELSE excluded.suspended_at END`;
