import { DELIVERY_STATUS } from '#contracts';
import { encodeDeliveryRef } from '#entities';
import type { Center } from './center.js';
import { findViolations } from './invariants.js';

/** What became of everything a center accepted, its rows held against the outside world. */
export interface OutcomeOfAll {
  /** One line each; empty when rows, counters, reports and sink agree. */
  complaints: string[];
  /** Copies beyond the first that reached the sink (I2). */
  duplicates: number;
  /** Attempts flagged as possible duplicates. */
  flagged: number;
}

interface WebhookRow {
  message_id: string;
  seq: number;
  ref: string;
  status: number;
}

const DELIVERED = DELIVERY_STATUS.delivered;

/** Notes from now on every delivery whose rank falls: I4 is about the way, and the rows show only the end. */
export async function watchRanks({ db }: Center): Promise<void> {
  await db.query(`
    CREATE TABLE fallen_rank (message_id uuid, seq int, from_status int, to_status int);
    CREATE FUNCTION note_fallen_rank() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.status / 10 < OLD.status / 10 THEN
        INSERT INTO fallen_rank VALUES (NEW.message_id, NEW.seq, OLD.status, NEW.status);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER note_fallen_rank AFTER UPDATE OF status ON delivery FOR EACH ROW EXECUTE FUNCTION note_fallen_rank()`);
}

/**
 * Judges a center at rest that `watchRanks` has watched: the invariants of its rows, and what the rows cannot know.
 * @param maxCopies of one delivery at the sink: 1 without a fault in the one window for duplicates
 */
export async function outcomeOf(center: Center, maxCopies = 1): Promise<OutcomeOfAll> {
  const violations = await findViolations(center.databaseUrl, { atRest: true });
  const complaints = violations.map(({ invariant, messageId, detail }) => `${invariant} ${messageId}: ${detail}`);
  const copies = center.sink.copies();
  complaints.push(
    ...(await missing(center)),
    ...(await atTheSink(center, copies, maxCopies)),
    ...(await elsewhere(center)),
  );
  return {
    complaints: complaints.slice(0, 20),
    duplicates: [...copies.values()].reduce((sum, count) => sum + count - 1, 0),
    flagged: await center.count('SELECT count(*) FROM delivery_attempt WHERE is_possible_duplicate'),
  };
}

/** I1: what a caller was told of is there, whole; I6: and nothing else is. */
async function missing(center: Center): Promise<string[]> {
  const rows = await center.rows<{ id: string; deliveries: number }>(
    `SELECT m.id, (SELECT count(*) FROM delivery d WHERE d.message_id = m.id)::int AS deliveries FROM message m`,
  );
  const found = new Map(rows.map(({ id, deliveries }) => [id, deliveries]));
  const wrong = [...center.accepted].filter(([id, count]) => found.get(id) !== count);
  const unknown = rows.filter(({ id }) => !center.accepted.has(id));
  return [
    ...wrong.map(([id, count]) => `I1 ${id} has ${found.get(id) ?? 'no row, so no'} deliveries, not ${count}`),
    ...unknown.map(({ id }) => `I6 ${id}: nobody was told of it`),
  ];
}

/** I2: no more copies than allowed; I5: what arrived is what the rows say. */
async function atTheSink(center: Center, copies: ReadonlyMap<string, number>, maxCopies: number): Promise<string[]> {
  const rows = await center.rows<WebhookRow>(
    `SELECT message_id, seq, ref, status FROM delivery WHERE channel = 'webhook'`,
  );
  const known = new Map(rows.map((row) => [encodeDeliveryRef(row.message_id, row.seq, row.ref), row]));
  const strange = [...copies.keys()].filter((ref) => !known.has(ref));
  const tooMany = [...copies].filter(([, count]) => count > maxCopies);
  const neverSent = [...known].filter(([ref, { status }]) => status === DELIVERED && !copies.has(ref));
  return [
    ...strange.map((ref) => `I5 the sink got ${ref}, which no row knows`),
    ...tooMany.map(([ref, count]) => `I2 ${count} copies of ${ref}`),
    ...neverSent.map(([, { message_id, seq }]) => `I5 ${message_id}/${seq} counts as delivered and never arrived`),
  ];
}

/** I3, I4, I5 where only a whole center can break them. */
async function elsewhere(center: Center): Promise<string[]> {
  const rows = await center.rows<{ complaint: string }>(
    `SELECT 'I4 rank fell: ' || f::text AS complaint FROM fallen_rank f
     UNION ALL SELECT 'I3 callback left: ' || coalesce(last_code, 'never tried') FROM callback
     UNION ALL SELECT 'I3 dead letter: ' || kind || ' ' || cause FROM dead_letter
     UNION ALL SELECT 'I5 the report counts ' || r.n || ' delivered, the rows ' || d.n
       FROM (SELECT coalesce(sum(count), 0) AS n FROM report_hour WHERE status = ${DELIVERED}) r,
            (SELECT count(*) AS n FROM delivery WHERE delivered_at IS NOT NULL) d WHERE r.n <> d.n`,
  );
  return rows.map(({ complaint }) => complaint);
}
