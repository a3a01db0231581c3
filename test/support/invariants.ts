import { Client } from 'pg';

/** A broken promise about one message; `detail` is for people. */
export interface Violation {
  invariant: 'I1' | 'I3' | 'I4' | 'I5';
  messageId: string | null;
  detail: string;
}

export interface InvariantOptions {
  /** Nothing is under way any more: everything accepted must have ended (I1), and nothing may be left over (I3). */
  atRest?: boolean;
}

interface Check {
  invariant: Violation['invariant'];
  /** Only meaningful once nothing is under way. */
  atRest?: true;
  /** Answers message_id and detail of every violation. */
  sql: string;
}

const COUNTED = {
  sent: 20,
  unknown: 30,
  failed: 31,
  expired: 32,
  delivered: 40,
  read: 50,
  cancelled: 60,
  suppressed: 61,
  skipped: 62,
};

/**
 * Which deliveries end together: a recipient's steps of `any` and `smart` are one chain; of `list` and `all` each is its
 * own, like the portal row beside a chain and people outside the directory.
 */
const CHAIN = `SELECT d.message_id, d.is_open,
    CASE WHEN m.plan->>'mode' IN ('any', 'smart') AND d.recipient <> '' AND d.seq % 16 <> 15
         THEN 'r' || d.seq / 16 ELSE 's' || d.seq END AS chain
  FROM delivery d JOIN message m ON m.id = d.message_id`;

const CHECKS: readonly Check[] = [
  {
    invariant: 'I1',
    sql: `SELECT m.id AS message_id, 'no state row' AS detail FROM message m
           WHERE NOT EXISTS (SELECT FROM message_state s WHERE s.message_id = m.id)`,
  },
  {
    invariant: 'I1',
    atRest: true,
    sql: `SELECT message_id, 'message is still ' || status || ', ended ' || ended || ' of ' || coalesce(expected::text, '?') AS detail
            FROM message_state WHERE status NOT IN ('completed', 'cancelled', 'expired')`,
  },
  {
    invariant: 'I1',
    atRest: true,
    sql: `SELECT message_id, 'delivery ' || seq || ' on ' || channel || ' is open at status ' || status AS detail
            FROM delivery WHERE is_open OR status < 20`,
  },
  {
    invariant: 'I3',
    sql: `SELECT s.message_id, 'not fanned out and no work will do it' AS detail FROM message_state s
           WHERE s.status IN ('scheduled', 'accepted', 'dispatching')
             AND NOT EXISTS (SELECT FROM work w WHERE w.message_id = s.message_id AND w.kind = 'fan_out')`,
  },
  {
    invariant: 'I3',
    sql: `SELECT d.message_id, 'delivery ' || d.seq || ' is open at status ' || d.status || ' and no work holds it' AS detail
            FROM delivery d JOIN message_state s ON s.message_id = d.message_id
           WHERE d.is_open
             AND NOT EXISTS (SELECT FROM work w WHERE w.message_id = d.message_id AND w.kind IN ('deliver', 'proof') AND d.seq = ANY(w.seqs))
             AND NOT EXISTS (SELECT FROM status_query q WHERE q.message_id = d.message_id AND q.kind = 'unknown' AND d.seq = ANY(q.seqs))
             AND NOT EXISTS (SELECT FROM work w WHERE w.message_id = d.message_id AND w.kind = 'cancel')`,
  },
  {
    invariant: 'I3',
    sql: `SELECT d.message_id, 'delivery ' || d.seq || ' waits as ' || d.status || ' but its chain is closed' AS detail
            FROM delivery d WHERE d.status < 20 AND NOT d.is_open`,
  },
  {
    invariant: 'I3',
    sql: `SELECT w.message_id, 'work ' || w.id || ' names delivery ' || u.seq || ' that does not exist' AS detail
            FROM work w CROSS JOIN LATERAL unnest(w.seqs) AS u(seq)
           WHERE NOT EXISTS (SELECT FROM delivery d WHERE d.message_id = w.message_id AND d.seq = u.seq)`,
  },
  {
    invariant: 'I3',
    sql: `SELECT w.message_id, 'delivery ' || u.seq || ' is in ' || count(*) || ' pieces of work' AS detail
            FROM work w CROSS JOIN LATERAL unnest(w.seqs) AS u(seq) WHERE w.kind = 'deliver'
           GROUP BY w.message_id, u.seq HAVING count(*) > 1`,
  },
  {
    invariant: 'I3',
    atRest: true,
    sql: `SELECT message_id, 'work ' || id || ' (' || kind || ') is left over' AS detail FROM work`,
  },
  {
    invariant: 'I3',
    atRest: true,
    sql: `SELECT message_id, 'settlement ' || id || ' was not folded' AS detail FROM settlement`,
  },
  {
    invariant: 'I4',
    sql: `SELECT message_id, 'delivery ' || seq || ' has status ' || status || ' without its time' AS detail FROM delivery
           WHERE (status = 20 AND sent_at IS NULL) OR (status = 40 AND delivered_at IS NULL) OR (status = 50 AND read_at IS NULL)
              OR (status < 20 AND (sent_at IS NOT NULL OR delivered_at IS NOT NULL OR read_at IS NOT NULL))
              OR (status < 40 AND (delivered_at IS NOT NULL OR read_at IS NOT NULL)) OR (status < 50 AND read_at IS NOT NULL)`,
  },
  {
    invariant: 'I4',
    sql: `SELECT message_id, 'delivery ' || seq || ' has the unknown status ' || status AS detail FROM delivery
           WHERE status NOT IN (0, 10, 11, ${Object.values(COUNTED).join(', ')})`,
  },
  {
    invariant: 'I4',
    sql: `SELECT message_id, 'completed at no time, or a time without an end' AS detail FROM message_state
           WHERE (completed_at IS NOT NULL) <> (status IN ('completed', 'cancelled', 'expired'))`,
  },
  ...Object.entries(COUNTED).map(([name, code]): Check => ({
    invariant: 'I5',
    sql: `SELECT s.message_id, '${name}: state says ' || s.${name} || ', settlements add ' || coalesce(w.n, 0)
                   || ', rows say ' || coalesce(d.n, 0) AS detail
              FROM message_state s
              LEFT JOIN (SELECT message_id, count(*)::int AS n FROM delivery WHERE status = ${code} GROUP BY 1) d USING (message_id)
              LEFT JOIN (SELECT message_id, sum(CASE WHEN to_status = ${code} THEN count ELSE 0 END
                                              - CASE WHEN from_status = ${code} THEN count ELSE 0 END)::int AS n
                           FROM settlement GROUP BY 1) w USING (message_id)
             WHERE s.${name} + coalesce(w.n, 0) <> coalesce(d.n, 0)`,
  })),
  {
    invariant: 'I5',
    sql: `WITH chain AS (SELECT message_id, chain, bool_or(is_open) AS is_open FROM (${CHAIN}) c GROUP BY 1, 2),
               per_message AS (SELECT message_id, count(*)::int AS chains, count(*) FILTER (WHERE NOT is_open)::int AS ended FROM chain GROUP BY 1),
               waiting AS (SELECT message_id, sum(ended)::int AS ended FROM settlement GROUP BY 1)
          SELECT s.message_id, 'chains ' || s.chains || ' (rows ' || coalesce(p.chains, 0) || '), expected ' || coalesce(s.expected::text, '?')
                 || ', ended ' || s.ended || ' + ' || coalesce(w.ended, 0) || ' (rows ' || coalesce(p.ended, 0) || ')' AS detail
            FROM message_state s LEFT JOIN per_message p USING (message_id) LEFT JOIN waiting w USING (message_id)
           WHERE s.chains <> coalesce(p.chains, 0) OR s.expected <> s.chains
              OR s.ended + coalesce(w.ended, 0) <> coalesce(p.ended, 0)`,
  },
  {
    invariant: 'I5',
    sql: `SELECT s.message_id, 'next ordinal ' || s.next_ordinal || ', recipients ' || coalesce(d.n, 0) AS detail
            FROM message_state s
            LEFT JOIN (SELECT message_id, count(DISTINCT seq / 16)::int AS n FROM delivery GROUP BY 1) d USING (message_id)
           WHERE s.next_ordinal <> coalesce(d.n, 0)`,
  },
  {
    invariant: 'I5',
    sql: `SELECT d.message_id, 'delivery ' || d.seq || ' counts ' || d.attempts || ' attempts, the ledger ' || count(a.attempt) AS detail
            FROM delivery d LEFT JOIN delivery_attempt a USING (message_id, seq)
           GROUP BY d.message_id, d.seq, d.attempts HAVING count(a.attempt) < d.attempts`,
  },
];

/**
 * What a database must hold whatever happened to the processes around it (reliability.md §2.1), judged offline in one
 * snapshot. One connection for all questions of a suite: each new one would read the catalog and plan them all again.
 */
export class Invariants {
  private client: Client | null = null;

  /** @param databaseUrl of a migrated database; nothing is written */
  constructor(private readonly databaseUrl: string) {}

  /** An empty list is what a test expects. */
  async violations(options?: InvariantOptions): Promise<Violation[]> {
    const client = (this.client ??= await this.connect());
    try {
      return await this.judge(client, options);
    } catch (error) {
      await this.close(); // its transaction would fail every later question
      throw error;
    }
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = null;
    await client?.end();
  }

  private async judge(client: Client, { atRest = false }: InvariantOptions = {}): Promise<Violation[]> {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query('SET LOCAL enable_nestloop = off'); // nobody has counted these tables: PostgreSQL takes them for empty
    const violations: Violation[] = [];
    for (const [place, { invariant, sql, atRest: onlyAtRest }] of CHECKS.entries()) {
      if (onlyAtRest && !atRest) continue;
      const { rows } = await client.query<{ message_id: string | null; detail: string }>({
        name: `check-${place}`,
        text: `${sql} LIMIT 20`,
      });
      violations.push(...rows.map((row) => ({ invariant, messageId: row.message_id, detail: row.detail })));
    }
    await client.query('COMMIT');
    return violations;
  }

  private async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.databaseUrl, application_name: 'invariants' });
    client.on('error', () => (this.client = null)); // a test may have ended all sessions
    await client.connect();
    return client;
  }
}

/** The violations of a database that is asked once. */
export async function findViolations(databaseUrl: string, options?: InvariantOptions): Promise<Violation[]> {
  const invariants = new Invariants(databaseUrl);
  try {
    return await invariants.violations(options);
  } finally {
    await invariants.close();
  }
}
