import { Injectable } from '@nestjs/common';
import { RELAY_LIMITS, type RelayEntry } from '#contracts';
import { Database } from '../connection/database.js';
import { GIVEN_CALLER, isStillValid, opensRelay, type RelayCaller, type RelayCalls } from './relay-calls.js';

export interface RelayPulls extends RelayCalls {
  /** Key whose customer-service mailbox is meant; empty: the caller's own. */
  keys: readonly string[];
}

/** A mailbox as it was handed out. */
export interface PulledMailbox {
  isEntitled: boolean;
  /** Null: it was empty. */
  pullId: number | null;
  entries: RelayEntry[] | null;
}

/** The customer-service mailbox of many admins can hold more than one answer should: what is left comes with the next pull. */
const MAX_ENTRIES = 1000;

const isEntitled = (call: string, identity: string): string =>
  `(${opensRelay(call, identity)} AND (${call}.key = '' OR coalesce(${identity}.admin_key = ${call}.key, false)))`;

/**
 * Moves what waits to `relay_pull`. What another pull is just taking is passed over: it is in that one's answer. Two calls
 * of one statement may find the same message (a mailbox and its key): the first gets it.
 */
const PULL = `
  WITH g AS MATERIALIZED (
         SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[])
           WITH ORDINALITY AS g(caller, token_hash, is_stranger, key, n)),
       entitled AS MATERIALIZED (
         SELECT n, caller, key,
                CASE WHEN key = '' THEN ARRAY[caller]
                     ELSE ARRAY(SELECT a.md5_id FROM relay_identity a WHERE a.admin_key = g.key) END AS mailboxes
           FROM g LEFT JOIN relay_identity i ON i.md5_id = g.caller WHERE ${isEntitled('g', 'i')}),
       found AS MATERIALIZED (
         SELECT e.n, m.place, m.id
           FROM entitled e
          CROSS JOIN LATERAL (SELECT w.ctid AS place, w.id FROM relay_message w
                               WHERE w.receiver = ANY(e.mailboxes) AND ${isStillValid('w.sent_at')}
                               ORDER BY w.id LIMIT ${MAX_ENTRIES} FOR UPDATE SKIP LOCKED) m),
       gone AS (DELETE FROM relay_message WHERE ctid = ANY(ARRAY(SELECT place FROM found)) RETURNING *),
       batch AS MATERIALIZED (
         SELECT f.n, nextval('relay_pull_id_seq') AS id,
                json_agg(json_build_object('time', floor(extract(epoch FROM gone.sent_at))::bigint, 'sender', gone.sender,
                           'receiver', gone.receiver, 'redirect', gone.redirect, 'body', gone.body) ORDER BY gone.id) AS entries
           FROM (SELECT DISTINCT ON (id) id, n FROM found ORDER BY id, n) f JOIN gone USING (id)
          GROUP BY f.n),
       kept AS (
         INSERT INTO relay_pull (reader, mailbox_key, id, entries)
         SELECT e.caller, e.key, b.id, b.entries FROM batch b JOIN entitled e USING (n))
  SELECT e.n IS NOT NULL AS "isEntitled", b.id AS "pullId", b.entries
    FROM g LEFT JOIN entitled e USING (n) LEFT JOIN batch b USING (n)
   ORDER BY g.n`;

const AGAIN = `
  SELECT ${isEntitled('g', 'i')} AS "isEntitled", p.id AS "pullId", p.entries
    FROM (SELECT $1::text AS caller, $2::text AS token_hash, $3::boolean AS is_stranger, $4::text AS key) g
    LEFT JOIN relay_identity i ON i.md5_id = g.caller
    LEFT JOIN LATERAL (
         SELECT id, (SELECT json_agg(e) FROM json_array_elements(entries) AS e
                      WHERE ${isStillValid("to_timestamp((e->>'time')::bigint)")}) AS entries
           FROM relay_pull
          WHERE reader = g.caller AND mailbox_key = g.key
            AND pulled_at + interval '${RELAY_LIMITS.againMinutes} minutes' > now()
          ORDER BY id DESC LIMIT 1) p ON true`;

/** What waits for people at the relay. */
@Injectable()
export class RelayMailboxRepository {
  constructor(private readonly database: Database) {}

  /** Empties the mailboxes, oldest message first. One statement for all. */
  pull({ callers, tokenHashes, strangers, keys }: RelayPulls): Promise<PulledMailbox[]> {
    return this.database.keyed.query<PulledMailbox>(PULL, [callers, tokenHashes, strangers, keys], 'relay_pull');
  }

  /** What the caller pulled last from this mailbox, once more. @param key empty: his own */
  async again({ caller, tokenHash, isStranger }: RelayCaller, key: string): Promise<PulledMailbox> {
    const [pull] = await this.database.query<PulledMailbox>(AGAIN, [caller, tokenHash, isStranger, key], 'relay_again');
    return pull ?? { isEntitled: false, pullId: null, entries: null };
  }

  /** The messages of one pull. */
  async pulled(reader: string, key: string, pullId: number): Promise<RelayEntry[]> {
    const [pull] = await this.database.query<{ entries: RelayEntry[] }>(
      'SELECT entries FROM relay_pull WHERE reader = $1 AND mailbox_key = $2 AND id = $3',
      [reader, key, pullId],
      'relay_pulled',
    );
    return pull?.entries ?? [];
  }

  /** Throws away what waits for the caller. False: the token opens nothing. */
  async empty({ caller, tokenHash, isStranger }: RelayCaller): Promise<boolean> {
    const [call] = await this.database.query<{ opens: boolean }>(
      `WITH g AS MATERIALIZED (${GIVEN_CALLER}),
            gone AS (DELETE FROM relay_message m USING g WHERE m.receiver = g.caller AND g.opens)
       SELECT opens FROM g`,
      [caller, tokenHash, isStranger],
    );
    return call?.opens ?? false;
  }
}
