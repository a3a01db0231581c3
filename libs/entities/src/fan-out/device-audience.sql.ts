import { DEVICE_SEPARATOR, DEVICE_STEP, MAX_DEVICES_OF_PERSON } from '#contracts';

/**
 * SQL: the address of a person on channel `push`: the tokens of the devices he registered last that are in use and serve the app,
 * or null where he has none.
 */
export const devicesOf = ({ userId, appId }: { userId: string; appId: string }): string => `(
             SELECT string_agg(own.token, '${DEVICE_SEPARATOR}' ORDER BY own.registered_at DESC, own.token)
               FROM (SELECT token, registered_at FROM device AS his
                      WHERE his.user_id = ${userId} AND his.app_id IN ('', ${appId}) AND his.deactivated_at IS NULL
                      ORDER BY registered_at DESC, token LIMIT ${MAX_DEVICES_OF_PERSON}) own)`;

/** SQL: whether the owner of a device wants nothing of this kind; a probe, whatever the size of the table. */
const hasLeft = (userId: string, kind: 'app' | 'channel', value: string): string =>
  `coalesce((SELECT true FROM opt_out o WHERE o.user_id = ${userId} AND o.kind = '${kind}' AND o.value = ${value}), false)`;

/** What the audience says of all its devices. Apart, because a long list of tokens would be read again for each of them. */
const WANTED = `
wanted AS MATERIALIZED (
  SELECT m.id, coalesce((m.audience->'devices'->>'isTestOnly')::boolean, false) AS is_test_only,
         m.audience->'devices'->'tooLargeFor' AS too_large_for
    FROM m WHERE m.audience ? 'devices'
)`;

/** Columns of `from_directory` that are the same for every device. */
const OF_DEVICE = `NULL::jsonb AS params, NULL::smallint AS segments, NULL::text AS name, ${DEVICE_STEP} AS step, 'push' AS channel`;
const LEFT = (userId: string): string => `${hasLeft(userId, 'app', 'm.client_app_id')} AS left_app,
         ${hasLeft(userId, 'channel', "'push'")} AS left_channel, false AS is_invalid`;

/**
 * A row for each token that the audience names, in the order of the list. Needs `m`. Whoever named a token meant the device as it was
 * registered then: a later owner is nobody he knew.
 * @param base SQL of the ordinal of the first one
 * @param range SQL of which tokens, by `e.ord` from 1
 */
export const fromTokens = (base: string, range: string): string => `${WANTED}, from_tokens AS (
  SELECT m.id AS message_id, ${base} + (e.ord - 1)::int AS ordinal, coalesce(d.user_id, '') AS user_id, ${OF_DEVICE},
         e.token AS address, NULL::text AS account, true AS is_known, ${LEFT('d.user_id')},
         CASE WHEN d.token IS NULL THEN 'unknown_device'
              WHEN d.deactivated_at IS NOT NULL THEN 'device_inactive'
              WHEN w.is_test_only AND NOT d.is_test THEN 'not_a_test_device'
              WHEN w.too_large_for ? d.platform THEN 'payload_too_large' END AS refusal
    FROM wanted w JOIN m ON m.id = w.id
   CROSS JOIN LATERAL jsonb_array_elements_text(m.audience->'devices'->'tokens') WITH ORDINALITY AS e(token, ord)
    LEFT JOIN LATERAL (
      SELECT * FROM device d
       WHERE d.token = e.token COLLATE "C" AND d.app_id IN ('', m.client_app_id) AND d.owned_since <= m.accepted_at LIMIT 1
    ) d ON true
   WHERE ${range}
)`;

/**
 * SQL of the audience of `msg` as if the owners of its devices were its people: what `pageOf` reads. The tokens it names stay, because
 * those devices have their delivery already.
 */
export const OWNERS_AUDIENCE = `jsonb_strip_nulls(jsonb_build_object(
         'users', (SELECT jsonb_agg(jsonb_build_object('id', u)) FROM jsonb_array_elements_text(msg.audience->'devices'->'users') u),
         'orgUnits', msg.audience->'devices'->'orgUnits', 'devices', msg.audience->'devices'))`;

/**
 * SQL: somebody without a device that can be reached is known all the same: from the directory, or by a device that serves the app,
 * out of use or not for tests as it may be. The same people are known before a push is accepted.
 */
const IS_KNOWN_OWNER = `(coalesce((SELECT true FROM recipient r WHERE r.user_id = d.user_id), false)
                OR coalesce((SELECT true FROM device o WHERE o.user_id = d.user_id AND o.app_id IN ('', m.client_app_id) LIMIT 1), false))`;

/**
 * The devices of the people of `page`, a row each in the order of people and tokens; with the first page the org units that do not
 * exist. Somebody who is named has a row that says so where he has no device; of the people of an org unit only those who have
 * one count. Needs `m` (with OWNERS_AUDIENCE), `page` and $2 (user id that the page goes on from).
 */
export const FROM_OWNERS = `${WANTED}, owned AS (
  SELECT p.user_id, d.token, d.platform, p.user_id IN (SELECT u.id FROM m, jsonb_to_recordset(m.audience->'users') AS u(id text)) AS is_named
    FROM m CROSS JOIN wanted w CROSS JOIN page p
    LEFT JOIN LATERAL (
      SELECT d.token, d.platform FROM device d
       WHERE d.user_id = p.user_id AND d.app_id IN ('', m.client_app_id) AND d.deactivated_at IS NULL AND (d.is_test OR NOT w.is_test_only)
       OFFSET 0
    ) d ON true
), place AS (
  SELECT d.user_id, d.token, d.platform, NULL::text AS org_unit FROM owned d
   WHERE CASE WHEN d.token IS NULL THEN d.is_named
              ELSE d.token NOT IN (SELECT jsonb_array_elements_text(m.audience->'devices'->'tokens') FROM m) END
  UNION ALL
  SELECT '', NULL, NULL, u.code FROM m, jsonb_array_elements_text(m.audience->'orgUnits') AS u(code)
   WHERE $2 = '' AND (SELECT true FROM org_unit o WHERE o.code = u.code COLLATE "C") IS NULL
), from_owners AS (
  SELECT m.id AS message_id, m.base + (row_number() OVER (ORDER BY d.user_id, d.token, d.org_unit))::int - 1 AS ordinal, d.user_id,
         ${OF_DEVICE}, coalesce(d.token, d.org_unit) AS address, NULL::text AS account, true AS is_known, ${LEFT('d.user_id')},
         CASE WHEN d.org_unit IS NOT NULL THEN 'unknown_org_unit'
              WHEN d.token IS NULL THEN CASE WHEN ${IS_KNOWN_OWNER} THEN 'no_device' ELSE 'unknown_recipient' END
              WHEN w.too_large_for ? d.platform THEN 'payload_too_large' END AS refusal
    FROM m CROSS JOIN wanted w CROSS JOIN place d
)`;
