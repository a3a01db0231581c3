/** Advisory lock, held shared by whoever gives a conversation a version, from before he takes it until his commit. */
const VERSIONS_LOCK = 7_310_020;

/** SQL: others will know that a version may still come that is smaller than some they see. To be run before `NOW_MS`. */
export const HOLD_VERSIONS = `pg_advisory_xact_lock_shared(${VERSIONS_LOCK})`;

/** Epoch ms by the database's clock: the next version. */
export const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/**
 * Longest that somebody holds a version back, ms: he may wait 5 s for a lock. Only looked at where somebody does at this moment.
 */
const HELD_MS = 10_000;

/**
 * One row: the version up to which all that is committed can be seen, from the next statement on. A version below it never
 * comes any more.
 */
export const SAFE_VERSION = `
  WITH at AS MATERIALIZED (SELECT ${NOW_MS} AS ms),
       quiet AS MATERIALIZED (
         SELECT ms, CASE WHEN pg_try_advisory_lock(${VERSIONS_LOCK}) THEN pg_advisory_unlock(${VERSIONS_LOCK}) ELSE false END AS is_quiet
           FROM at)
  SELECT ms - CASE WHEN is_quiet THEN 1 ELSE ${HELD_MS} END AS version FROM quiet`;
