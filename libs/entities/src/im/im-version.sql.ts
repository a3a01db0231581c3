/** Advisory lock, held shared by whoever gives a conversation a version, from before he takes it until his commit. */
const VERSIONS_LOCK = 7_310_020;

/** Beside it he holds one that says since when: a key of two, the second in seconds since 2025. */
const EPOCH_S = 1_735_689_600;
const SECOND_NOW = `(floor(extract(epoch FROM clock_timestamp())) - ${EPOCH_S})::int`;

/** SQL, two columns: others will know that a version may still come that is smaller than some they see. To be run before `NOW_MS`. */
export const HOLD_VERSIONS = `pg_advisory_xact_lock_shared(${VERSIONS_LOCK}), pg_advisory_xact_lock_shared(${VERSIONS_LOCK}, ${SECOND_NOW})`;

/** Epoch ms by the database's clock: the next version. */
export const NOW_MS = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** Epoch ms; null: nobody. Correlated with `at`, so that it is looked at after the moment was taken: whoever comes later gets a larger version. */
const HELD_SINCE_MS = `(
  SELECT (min(l.objid::bigint) + ${EPOCH_S}) * 1000 FROM pg_locks l
   WHERE l.locktype = 'advisory' AND l.classid = ${VERSIONS_LOCK} AND l.objsubid = 2 AND at.ms IS NOT NULL
     AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * One row: the version up to which all that is committed can be seen, from the next statement on. A version below it never
 * comes any more, however long those who hold one take. All locks there are, are only read where somebody does at this moment.
 */
export const SAFE_VERSION = `
  WITH at AS MATERIALIZED (SELECT ${NOW_MS} AS ms)
  SELECT least(ms, CASE WHEN CASE WHEN pg_try_advisory_lock(${VERSIONS_LOCK}) THEN pg_advisory_unlock(${VERSIONS_LOCK}) ELSE false END
                        THEN NULL ELSE ${HELD_SINCE_MS} END) - 1 AS version
    FROM at`;
