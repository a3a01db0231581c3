import { Injectable } from '@nestjs/common';
import { RELAY_LIMITS, type RelayRole } from '#contracts';
import { Database, type Sql } from '../connection/database.js';
import { isStillValid, opensRelay, type RelayCalls } from './relay-calls.js';

export interface RelaySends extends RelayCalls {
  receivers: readonly string[];
  bodies: readonly string[];
}

/** What has to be known of a message before it is judged. */
export interface RelayCircumstances {
  /** Null: the token opens nothing. */
  senderRole: RelayRole | null;
  isRateExempt: boolean;
  isReceiverKnown: boolean;
  /** The receiver has the sender on his black list. */
  isBlocked: boolean;
  /** How many have a user on theirs; counted no further than one beyond the limit. */
  blockers: number;
  /** Messages that count against the pace of the sender, where he has one. */
  sentRecently: number;
  /** Messages in the receiver's mailbox; counted no further than the limit. */
  waiting: number;
  /** The last message that the sender had from the receiver, within the retention. */
  hasContact: boolean;
  contactRedirect: string | null;
}

export interface JudgedSend {
  isAccepted: boolean;
  /** Empty: none. */
  redirect: string;
  /** Counts against the pace of the sender. */
  isCounted: boolean;
}

/** Locks the receiver of each message, and the sender whose pace counts, always in the same order; whoever is new gets his row. */
const LOCK = `
  INSERT INTO relay_quota (md5_id)
  SELECT DISTINCT party.md5_id
    FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[]) AS g(caller, token_hash, is_stranger, receiver)
    LEFT JOIN relay_identity i ON i.md5_id = g.caller
   CROSS JOIN LATERAL (VALUES (g.receiver, true), (g.caller, NOT coalesce(i.rate_exempt, false))) AS party(md5_id, is_limited)
   WHERE party.is_limited AND ${opensRelay('g', 'i')}
   ORDER BY 1
      ON CONFLICT (md5_id) DO UPDATE SET md5_id = excluded.md5_id WHERE false`;

/**
 * A statement of its own: its snapshot must be younger than the locks. Three lists in one row, each person and each pair
 * looked up once; the counts are bounded.
 */
const CIRCUMSTANCES = `
  WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now),
       sender AS MATERIALIZED (
         SELECT g.n, g.caller, CASE WHEN ${opensRelay('g', 'i')} THEN coalesce(i.role, 'user') END AS role,
                coalesce(i.rate_exempt, false) AS is_exempt
           FROM unnest($1::text[], $2::text[], $3::boolean[]) WITH ORDINALITY AS g(caller, token_hash, is_stranger, n)
           LEFT JOIN relay_identity i ON i.md5_id = g.caller)
  SELECT (SELECT json_agg(json_build_object('senderRole', s.role, 'isRateExempt', s.is_exempt,
            'blockers', CASE WHEN s.role = 'user' THEN
              (SELECT count(*) FROM (SELECT FROM relay_block b WHERE b.md5_id = s.caller
                                      LIMIT ${RELAY_LIMITS.blockers + 1}) b) ELSE 0 END,
            'sentRecently', CASE WHEN s.role IS NOT NULL AND NOT s.is_exempt THEN
              (SELECT count(*) FROM relay_quota q CROSS JOIN unnest(q.sent_at) AS t
                WHERE q.md5_id = s.caller
                  AND t > moment.now - interval '${RELAY_LIMITS.windowMinutes} minutes') ELSE 0 END) ORDER BY s.n)
            FROM sender s) AS senders,
         (SELECT json_agg(json_build_object(
            'isReceiverKnown', EXISTS (SELECT FROM relay_identity i WHERE i.md5_id = r.receiver),
            'waiting', (SELECT count(*) FROM (SELECT FROM relay_message m WHERE m.receiver = r.receiver AND ${isStillValid('m.sent_at')}
                                               LIMIT ${RELAY_LIMITS.mailbox}) m)) ORDER BY r.n)
            FROM unnest($4::text[]) WITH ORDINALITY AS r(receiver, n)) AS receivers,
         (SELECT json_agg(json_build_object(
            'isBlocked', EXISTS (SELECT FROM relay_block b WHERE b.owner = p.receiver AND b.md5_id = p.sender),
            'hasContact', c.owner IS NOT NULL, 'contactRedirect', c.redirect) ORDER BY p.n)
            FROM unnest($5::text[], $6::text[]) WITH ORDINALITY AS p(sender, receiver, n)
            LEFT JOIN relay_contact c ON c.owner = p.sender AND c.peer = p.receiver AND ${isStillValid('c.sent_at')}) AS pairs,
         (extract(epoch FROM moment.now) * 1000)::float8 AS "nowMs"
    FROM moment`;

const DELIVER = `
  WITH g AS MATERIALIZED (
         SELECT sender, receiver, nullif(redirect, '') AS redirect, body, is_counted, n, to_timestamp($6::float8 / 1000) AS now
           FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[])
             WITH ORDINALITY AS g(sender, receiver, redirect, body, is_counted, n)),
       delivered AS (
         INSERT INTO relay_message (receiver, sender, redirect, body, sent_at)
         SELECT receiver, sender, redirect, body::json, now FROM g ORDER BY n),
       met AS (
         INSERT INTO relay_contact (owner, peer, redirect, sent_at)
         SELECT DISTINCT ON (receiver, sender) receiver, sender, redirect, now FROM g ORDER BY receiver, sender, n DESC
             ON CONFLICT (owner, peer) DO UPDATE SET redirect = excluded.redirect, sent_at = excluded.sent_at)
  UPDATE relay_quota q
     SET sent_at = ARRAY(SELECT t FROM unnest(q.sent_at) AS t
                          WHERE t > c.now - interval '${RELAY_LIMITS.windowMinutes} minutes')
                   || array_fill(c.now, ARRAY[c.count])
    FROM (SELECT sender, now, count(*)::int AS count FROM g WHERE is_counted GROUP BY sender, now) c
   WHERE q.md5_id = c.sender`;

/** Puts messages into mailboxes. */
@Injectable()
export class RelaySendRepository {
  constructor(private readonly database: Database) {}

  /**
   * One transaction for all. While `judge` decides, nobody else sends from or to the same people, so that what it counts
   * stands until the commit.
   */
  send<V extends JudgedSend>(sends: RelaySends, judge: (met: readonly RelayCircumstances[]) => V[]): Promise<V[]> {
    const { callers, tokenHashes, strangers, receivers } = sends;
    return this.database.plannedOnce(async (tx) => {
      // Asked for together, carried out one after the other: what the second sees is as it is under the locks of the first.
      const [, { nowMs, met }] = await Promise.all([
        tx.query(LOCK, [callers, tokenHashes, strangers, receivers], 'relay_lock'),
        circumstances(tx, sends),
      ]);
      const judged = judge(met);
      const delivered = deliver(tx, sends, judged, nowMs);
      tx.commit();
      await delivered;
      return judged;
    });
  }
}

type OfSender = Pick<RelayCircumstances, 'senderRole' | 'isRateExempt' | 'blockers' | 'sentRecently'>;
type OfReceiver = Pick<RelayCircumstances, 'isReceiverKnown' | 'waiting'>;
type OfPair = Omit<RelayCircumstances, keyof OfSender | keyof OfReceiver>;

async function circumstances(tx: Sql, sends: RelaySends): Promise<{ nowMs: number; met: RelayCircumstances[] }> {
  const { callers, tokenHashes, strangers, receivers } = sends;
  const senderOf = firstPlaces(callers.map((caller, i) => `${caller} ${tokenHashes[i]} ${strangers[i]}`));
  const receiverOf = firstPlaces(receivers);
  const pairOf = firstPlaces(callers.map((caller, i) => `${caller} ${receivers[i]}`));
  const [row] = await tx.query<{ senders: OfSender[]; receivers: OfReceiver[]; pairs: OfPair[]; nowMs: number }>(
    CIRCUMSTANCES,
    [
      ...[callers, tokenHashes, strangers].map((column) => senderOf.first.map((i) => column[i])),
      receiverOf.first.map((i) => receivers[i]),
      ...[callers, receivers].map((column) => pairOf.first.map((i) => column[i])),
    ],
    'relay_circumstances',
  );
  if (!row) throw new Error('the statement answers one row');
  const met = callers.map((_, i): RelayCircumstances => {
    const sender = row.senders[senderOf.place[i] ?? 0] as OfSender;
    const receiver = row.receivers[receiverOf.place[i] ?? 0] as OfReceiver;
    const both = row.pairs[pairOf.place[i] ?? 0] as OfPair;
    return {
      senderRole: sender.senderRole,
      isRateExempt: sender.isRateExempt,
      blockers: sender.blockers,
      sentRecently: sender.sentRecently,
      isReceiverKnown: receiver.isReceiverKnown,
      waiting: receiver.waiting,
      isBlocked: both.isBlocked,
      hasContact: both.hasContact,
      contactRedirect: both.contactRedirect,
    };
  });
  return { nowMs: row.nowMs, met };
}

/** `first`: where each distinct key stands first; `place[i]`: which of those belongs to `keys[i]`. */
function firstPlaces(keys: readonly string[]): { first: number[]; place: number[] } {
  const places = new Map<string, number>();
  const first: number[] = [];
  const place = keys.map((key, i) => {
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, first.length);
    return first.push(i) - 1;
  });
  return { first, place };
}

async function deliver(tx: Sql, sends: RelaySends, judged: readonly JudgedSend[], nowMs: number): Promise<void> {
  const accepted = [...judged.keys()].filter((i) => judged[i]?.isAccepted);
  if (accepted.length === 0) return;
  const { callers, receivers, bodies } = sends;
  await tx.query(
    DELIVER,
    [
      ...[callers, receivers].map((column) => accepted.map((i) => column[i])),
      accepted.map((i) => judged[i]?.redirect),
      accepted.map((i) => bodies[i]),
      accepted.map((i) => judged[i]?.isCounted),
      nowMs,
    ],
    'relay_deliver',
  );
}
