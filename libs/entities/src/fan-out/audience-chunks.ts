import type { UnusedSegments } from '../accounts/sms-budget.repository.js';
import type { Sql } from '../connection/database.js';
import { cursorAt, type AudiencePart, type AudiencePlace } from './audience-parts.js';
import { candidatesOf, hasDirectorySource, pageOf, type AudienceSources } from './audience-page.sql.js';
import { CHOOSE_STEPS, fromAddresses, insertDeliveries } from './choose-steps.sql.js';
import { FROM_OWNERS, OWNERS_AUDIENCE, fromTokens } from './device-audience.sql.js';
import { HANDOVER_S, IS_DONE, M_COLUMNS, REMINDING } from './fan-out-end.sql.js';
import { PORTAL_DELIVERIES } from './portal-chunk.sql.js';

export interface ChunkResult {
  state: 'more' | 'finished' | 'gone';
  inserted: number;
  hasWork: boolean;
}

/** Recipients of one transaction of a large audience. */
export const CHUNK_SIZE = 5000;
/** A large message, its state row locked. */
export interface LockedMessage extends AudienceSources {
  status: string;
  cursor: string | null;
  is_cancelled: boolean;
  is_expired: boolean;
  is_due: boolean;
  tokens: number;
  has_owners: boolean;
  device_org_units: readonly string[] | null;
  addresses: number;
  is_portal_only: boolean;
}

const ONE = `m AS MATERIALIZED (
  SELECT ${M_COLUMNS}, s.next_ordinal AS base
    FROM message msg JOIN message_state s ON s.message_id = msg.id
   WHERE msg.id = $1 AND s.message_id = $1
)`;

/**
 * Moves the cursor, or ends the fan-out where `page_end` says so. The fan_out work of an unfinished message stays due
 * soon, so that another dispatcher goes on if this one dies.
 */
const MOVE = `
moved AS (
  UPDATE message_state s
     SET chains = s.chains + coalesce(t.chains, 0), next_ordinal = coalesce(t.next_ordinal, s.next_ordinal),
         cursor = e.cursor,
         expected = CASE WHEN e.is_finished THEN s.chains + coalesce(t.chains, 0) END,
         dispatched_at = CASE WHEN e.is_finished THEN now() END,
         completed_at = CASE WHEN e.is_finished AND ${IS_DONE} THEN now() END,
         status = CASE WHEN NOT e.is_finished THEN 'dispatching'
                       WHEN ${IS_DONE} THEN 'completed' ELSE 'dispatched' END
    FROM page_end e LEFT JOIN total t ON true
   WHERE s.message_id = $1
), done AS (
  DELETE FROM work WHERE kind = 'fan_out' AND message_id = $1 AND (SELECT is_finished FROM page_end)
), kept AS (
  UPDATE work SET due_at = now() + interval '${HANDOVER_S} seconds'
   WHERE kind = 'fan_out' AND message_id = $1 AND NOT (SELECT is_finished FROM page_end)
), reminding AS (${REMINDING} AND (SELECT is_finished FROM page_end)
)
SELECT (SELECT is_finished FROM page_end) AS "isFinished", (SELECT coalesce(sum(chains), 0) FROM total)::int AS inserted,
       EXISTS (SELECT FROM added_work) AS "hasWork", coalesce((SELECT json_agg(u) FROM unused u), '[]') AS unused`;

/** Cursor of a fan-out that is through. */
const ENDED = 'end';

interface ChunkRow {
  isFinished: boolean;
  inserted: number;
  hasWork: boolean;
  unused: UnusedSegments[];
}

export const toResult = (row: ChunkRow | undefined): ChunkResult => ({
  state: row?.isFinished ? 'finished' : 'more',
  inserted: row?.inserted ?? 0,
  hasWork: row?.hasWork ?? false,
});

type Chunk = (
  tx: Sql,
  messageId: string,
  message: LockedMessage,
  place: AudiencePlace,
) => Promise<ChunkRow | undefined>;

/** A page of ids that is not full is the last one of its part. $2 id to go on from, $3 size of the page, $4 cursor of the next part */
const pageEnd = (part: AudiencePart): string => `page_end AS MATERIALIZED (
  SELECT count(*) < $3 AND $4::text IS NULL AS is_finished,
         CASE WHEN count(*) < $3 THEN coalesce($4, '${ENDED}') ELSE '${cursorAt(part, '')}' || max(user_id) END AS cursor
    FROM page
)`;

async function peopleChunk(...[tx, messageId, message, { from, next }]: Parameters<Chunk>): ReturnType<Chunk> {
  const deliveries =
    message.is_portal_only && !message.has_users
      ? PORTAL_DELIVERIES
      : `candidate AS MATERIALIZED (${candidatesOf(message)}), ${CHOOSE_STEPS}, picked AS (SELECT * FROM from_directory),
         ${insertDeliveries('now()')}`;
  const [row] = await tx.query<ChunkRow>(
    `WITH ${ONE}, ${pageOf(message)}, ${pageEnd('people')}, ${deliveries}, ${MOVE}`,
    [messageId, from, CHUNK_SIZE, next],
  );
  return row;
}

async function ownersChunk(...[tx, messageId, message, { from, next }]: Parameters<Chunk>): ReturnType<Chunk> {
  const [row] = await tx.query<ChunkRow>(
    `WITH ${ONE.replace('msg.audience', `${OWNERS_AUDIENCE} AS audience`)}, ${pageOf(ownersOf(message))}, ${pageEnd('owners')},
     ${FROM_OWNERS}, picked AS (SELECT * FROM from_owners), ${insertDeliveries('now()')}, ${MOVE}`,
    [messageId, from, CHUNK_SIZE, next],
  );
  return row;
}

/** The next entries of a list of the audience, of which `size` are there. */
const listChunk =
  (part: AudiencePart, sizeOf: (message: LockedMessage) => number, source: string, rows: string): Chunk =>
  async (tx, messageId, message, { from, next }) => {
    const to = Number(from) + CHUNK_SIZE;
    const isLast = to >= sizeOf(message);
    const cursor = isLast ? (next ?? ENDED) : cursorAt(part, String(to));
    const [row] = await tx.query<ChunkRow>(
      `WITH ${ONE.replace('s.next_ordinal AS base', 's.next_ordinal - $2::int AS base')}, page_end AS MATERIALIZED (
         SELECT $4::boolean AS is_finished, $5::text AS cursor
       ), ${rows}, picked AS (SELECT * FROM ${source}), ${insertDeliveries('now()')}, ${MOVE}`,
      [messageId, Number(from), to, isLast && next === null, cursor],
    );
    return row;
  };

const IN_RANGE = 'e.ord > $2::int AND e.ord <= $3::int';

/** How the next chunk of each part is fanned out, in the caller's transaction. Needs the state row to be locked. */
export const CHUNKS: Readonly<Record<AudiencePart, Chunk>> = {
  people: peopleChunk,
  tokens: listChunk('tokens', ({ tokens }) => tokens, 'from_tokens', fromTokens('m.base', IN_RANGE)),
  owners: ownersChunk,
  addresses: listChunk('addresses', ({ addresses }) => addresses, 'from_addresses', fromAddresses(IN_RANGE)),
};

const ownersOf = ({ has_owners, device_org_units }: LockedMessage): AudienceSources => ({
  has_users: has_owners,
  tag_ids: null,
  org_units: device_org_units,
  has_all: false,
  todo_id: null,
});

/** The parts that the audience has. */
export function partsOf(message: LockedMessage): Set<AudiencePart> {
  const parts = new Set<AudiencePart>();
  if (hasDirectorySource(message)) parts.add('people');
  if (message.tokens > 0) parts.add('tokens');
  if (hasDirectorySource(ownersOf(message))) parts.add('owners');
  if (message.addresses > 0) parts.add('addresses');
  return parts;
}
