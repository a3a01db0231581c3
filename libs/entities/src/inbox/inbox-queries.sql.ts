import type { InboxState } from '#contracts';
import { keysInOrder, matches } from './inbox-keys.sql.js';
import { HEADS_OLDEST_FIRST, NEWEST_FIRST, WHOLE_MESSAGES, WHOLE_ROWS, headsWithTotal } from './inbox-rows.sql.js';
import { hits } from './inbox-search.sql.js';

/** Bounds of message ids select partitions; the pair selects the row. */
const OLDER = 'AND message_id <= $2::uuid AND (message_id, seq) < ($2::uuid, $3::int)';
const NEWER = 'AND message_id >= $2::uuid AND (message_id, seq) > ($2::uuid, $3::int)';

/** SQL: rows of recipient $1 older than the key $2, $3; LIMIT $4. */
export const listQuery = (state: InboxState | undefined): string => `
WITH k AS MATERIALIZED (
  ${keysInOrder({ state, beyond: OLDER, direction: 'DESC' })}
) ${WHOLE_ROWS}`;

/** SQL: of these, those whose title holds $5. */
export const searchListQuery = (state: InboxState | undefined): string => `
WITH ${hits({ state, words: '$5', beyond: OLDER })}, k AS MATERIALIZED (
  SELECT * FROM hit ${NEWEST_FIRST} LIMIT $4
) ${WHOLE_ROWS}`;

/**
 * SQL: rows of recipient $1; OFFSET $2 LIMIT $3. For the total every key of the person is read anyway, so the page is taken
 * from them: one scan instead of one a state.
 */
export const pageQuery = (state: InboxState | undefined): string => `
WITH own AS MATERIALIZED (
  SELECT message_id, seq FROM delivery WHERE recipient = $1 AND ${matches(state)}
), ${pageOf('own')}`;

/** SQL: of these, those whose title holds $4. */
export const searchPageQuery = (state: InboxState | undefined): string =>
  `WITH ${hits({ state, words: '$4' })}, ${pageOf('hit')}`;

const pageOf = (keys: string): string => `k AS MATERIALIZED (
  SELECT message_id, seq FROM ${keys} ${NEWEST_FIRST} OFFSET $2 LIMIT $3
) ${headsWithTotal(`SELECT count(*) FROM ${keys}`)}`;

/** SQL: rows of recipient $1 newer than the key $2, $3; LIMIT $4. */
export const NEWER_QUERY = `
WITH k AS MATERIALIZED (
  ${keysInOrder({ state: undefined, beyond: NEWER, direction: 'ASC' })}
) ${HEADS_OLDEST_FIRST}`;

/** SQL: the row behind a per-delivery reference, by its time ($1 to $2), seq ($3) and secret ($4). */
export const MESSAGE_QUERY = `
WITH k AS MATERIALIZED (
  SELECT message_id, seq, recipient FROM delivery
   WHERE message_id >= $1 AND message_id < $2 AND seq = $3 AND ref = $4 AND inbox_state IS NOT NULL
) ${WHOLE_MESSAGES}`;
