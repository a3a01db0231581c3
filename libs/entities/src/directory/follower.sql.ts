import { NOT_FOLLOWING, NO_OPENID, UNRESOLVED } from './registered-address.sql.js';

/** Whoever was suspended for one of these and stands in a later list of the account's followers is reached again. */
const FOLLOWS_NOT = [NOT_FOLLOWING, NO_OPENID, 'left', '43004', '50005'].map((reason) => `'${reason}'`).join(', ');

/** SQL: rows of `recipient_address a` are locked in one order, whoever changes them. */
const KEY = 'a.user_id, a.channel, a.app_id, a.account';
const IS_FOUND = 'a.user_id = f.user_id AND a.channel = f.channel AND a.app_id = f.app_id AND a.account = f.account';

/** Nothing where the account is gone. $1 public id, $2 openids, $3 unionids, $4 when the list was begun */
export const LEARN = `
INSERT INTO public_account_follower AS f (public_id, openid, unionid, seen_at)
SELECT p.public_id, s.openid, s.unionid, $4::timestamptz
  FROM public_account p CROSS JOIN unnest($2::text[], $3::text[]) AS s(openid, unionid)
 WHERE p.public_id = $1 ORDER BY s.openid FOR KEY SHARE OF p
ON CONFLICT (public_id, openid) DO UPDATE
  SET unionid = coalesce(excluded.unionid, f.unionid), seen_at = greatest(f.seen_at, excluded.seen_at)`;

/** SQL: changes what CTE `found` found, to its `openid` or, where that is null, to a unionid that is not used. */
const CHANGE_FOUND = `
changed AS (
  UPDATE recipient_address a
     SET address = coalesce(f.openid, f.unionid), unionid = f.unionid,
         suspended_at = CASE WHEN f.openid IS NULL THEN coalesce(a.suspended_at, now()) END,
         suspended_reason = CASE WHEN f.openid IS NULL THEN '${UNRESOLVED}' END,
         updated_at = CASE WHEN f.openid IS NULL THEN a.updated_at ELSE now() END
    FROM found f WHERE ${IS_FOUND}
  RETURNING f.openid
)
SELECT count(openid)::int AS count FROM changed`;

/** Of all accounts: they share unionids. Answers how many got an openid. $1 unionids */
export const RESOLVE = `
WITH found AS MATERIALIZED (
  SELECT ${KEY}, own.openid, a.address AS unionid
    FROM recipient_address a
    LEFT JOIN LATERAL (
      SELECT o.openid FROM public_account_follower o WHERE o.unionid = a.address AND o.public_id = a.account COLLATE "C"
       ORDER BY o.seen_at DESC LIMIT 1
    ) own ON true
   WHERE a.channel = 'wechat' AND a.address = ANY($1::text[])
     AND (own.openid IS NOT NULL OR a.unionid IS NULL OR a.suspended_at IS NULL)
   ORDER BY ${KEY} FOR UPDATE OF a
), ${CHANGE_FOUND}`;

/** Whoever was registered while the list was made. Answers how many got an openid. $1 public id, $2 when the list was begun */
export const RESOLVE_LATE = `
WITH found AS MATERIALIZED (
  SELECT ${KEY}, o.openid, o.unionid
    FROM recipient_address a JOIN public_account_follower o ON o.public_id = $1 AND o.unionid = a.address
   WHERE a.channel = 'wechat' AND a.account COLLATE "C" = $1 AND a.updated_at >= $2::timestamptz
   ORDER BY ${KEY} FOR UPDATE OF a
), ${CHANGE_FOUND}`;

/** What was suspended since the list was begun stays so: he may have left meanwhile. $1 public id, $2 openids, $3 when it was begun */
export const REVIVE = `
WITH found AS MATERIALIZED (
  SELECT ${KEY} FROM recipient_address a
   WHERE a.channel = 'wechat' AND a.address = ANY($2::text[]) AND a.account = $1
     AND a.suspended_at < $3::timestamptz AND a.suspended_reason IN (${FOLLOWS_NOT})
   ORDER BY ${KEY} FOR UPDATE OF a
)
UPDATE recipient_address a SET suspended_at = NULL, suspended_reason = NULL FROM found f WHERE ${IS_FOUND}`;

/** WeChat may list a new follower a little later than the person, who has followed, is registered by his openid. */
const LISTED_WITHIN = '10 minutes';

/** What was registered later may be an openid that the list lacks. $1 public id, $2 when the list was begun */
export const NOT_IN_LIST = `
WITH found AS MATERIALIZED (
  SELECT ${KEY} FROM recipient_address a
   WHERE a.channel = 'wechat' AND a.account COLLATE "C" = $1 AND a.suspended_at IS NULL
     AND a.updated_at < $2::timestamptz - interval '${LISTED_WITHIN}'
     AND NOT EXISTS (SELECT FROM public_account_follower o WHERE o.public_id = $1 AND o.openid = a.address)
   ORDER BY ${KEY} FOR UPDATE OF a
)
UPDATE recipient_address a SET suspended_at = now(), suspended_reason = '${NOT_FOLLOWING}' FROM found f WHERE ${IS_FOUND}`;

/** Unionids are all that is left of who was registered by them. $1 public id */
export const FORGET = `
WITH found AS MATERIALIZED (
  SELECT ${KEY}, a.unionid FROM recipient_address a
   WHERE a.channel = 'wechat' AND a.account COLLATE "C" = $1 AND a.unionid IS NOT NULL
   ORDER BY ${KEY} FOR UPDATE OF a
)
UPDATE recipient_address a
   SET address = f.unionid, suspended_at = coalesce(a.suspended_at, now()), suspended_reason = '${UNRESOLVED}'
  FROM found f WHERE ${IS_FOUND}`;
