import { RELAY_LIMITS } from '#contracts';

/** Calls as columns: place `i` of each list belongs to the same call. Digests are lower-case hex. */
export interface RelayCalls {
  /** MD5 of the token. */
  callers: readonly string[];
  /** SHA-256 of the token. */
  tokenHashes: readonly string[];
  /** Whether a caller without an identity is let in. */
  strangers: readonly boolean[];
}

/** One of them. */
export interface RelayCaller {
  caller: string;
  tokenHash: string;
  isStranger: boolean;
}

/**
 * SQL: the token in the columns `caller`, `token_hash`, `is_stranger` of `call` opens the relay.
 * @param identity alias of the `relay_identity` joined to it by `md5_id = caller`; all null for a stranger
 */
export const opensRelay = (call: string, identity: string): string =>
  `(CASE WHEN ${identity}.md5_id IS NULL THEN ${call}.is_stranger ELSE ${identity}.token_hash = decode(${call}.token_hash, 'hex') END)`;

const RETENTION = `interval '${RELAY_LIMITS.retentionDays * 24} hours'`;

/**
 * SQL: what was sent then has not expired, whether or not it was removed already. Written so that no index serves it: a plan
 * made for an empty table might else look a mailbox up by time, among everybody's messages.
 */
export const isStillValid = (sentAt: string): string => `${sentAt} + ${RETENTION} > now()`;

/** SQL: the opposite, by an index. */
export const hasExpired = (sentAt: string): string => `${sentAt} <= now() - ${RETENTION}`;

/** SQL: the one caller of $1 MD5, $2 SHA-256 and $3 whether strangers are let in, and whether his token opens the relay. */
export const GIVEN_CALLER = `
  SELECT g.caller, ${opensRelay('g', 'i')} AS opens
    FROM (SELECT $1::text AS caller, $2::text AS token_hash, $3::boolean AS is_stranger) g
    LEFT JOIN relay_identity i ON i.md5_id = g.caller`;
