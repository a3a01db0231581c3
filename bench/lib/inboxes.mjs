// Inboxes of many people over a year of partitions, as rows.
import { join } from 'node:path';
import { ROOT } from '../../scripts/lib/project.mjs';

export const ROWS_A_PERSON = 100;
const RECIPIENTS = 100;
const MESSAGES_AT_ONCE = 10_000;
const PAST_PARTITIONS = 12;
const PARTITION_MS = 28 * 24 * 3_600_000;
/** Tables partitioned on the message id that an inbox is read from, with the fill factor the product gives them. */
const TABLES = { message: 100, delivery: 50 };

const { firstIdAt, timeOfMessageId } = await import(join(ROOT, 'dist/libs/entities/src/index.js'));

/** A center that has been running for a year; answers the time of its first message, epoch ms. */
export async function addPastPartitions(query) {
  const [{ first }] = await query(
    `SELECT min(substring(pg_get_expr(c.relpartbound, c.oid) FROM '''([0-9a-f-]{36})''')) AS first
       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'delivery'::regclass`,
  );
  const end = timeOfMessageId(first);
  for (let past = 1; past <= PAST_PARTITIONS; past++) {
    const from = end - past * PARTITION_MS;
    for (const [table, fillfactor] of Object.entries(TABLES)) {
      await query(
        `CREATE TABLE ${table}_past_${past} PARTITION OF ${table}
           FOR VALUES FROM ('${firstIdAt(from)}') TO ('${firstIdAt(from + PARTITION_MS)}') WITH (fillfactor = ${fillfactor})`,
      );
    }
  }
  return end - PAST_PARTITIONS * PARTITION_MS;
}

/**
 * Empties the inboxes and fills them with `rows` rows: notices and to-dos, in every state, a hundred a person, spread evenly
 * over the time since `fromMs`. @returns {Promise<number>} people
 */
export async function fillInboxes(query, rows, fromMs) {
  const messages = Math.ceil(rows / RECIPIENTS);
  const people = Math.ceil(rows / ROWS_A_PERSON);
  const stepMs = (Date.now() - fromMs) / messages;
  await query('TRUNCATE message, message_state, delivery');
  for (let from = 0; from < messages; from += MESSAGES_AT_ONCE) {
    const to = Math.min(messages, from + MESSAGES_AT_ONCE);
    await query(
      `WITH given AS MATERIALIZED (
         SELECT n, (lpad(to_hex(($1::float8 + n * $2::float8)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
                    || substr(md5(n::text), 4, 15))::uuid AS id
           FROM generate_series($3::int, $4::int - 1) n
       ), messages AS (
         INSERT INTO message (id, client_app_id, door, kind, priority, content, audience, plan, accepted_at)
         SELECT id, 'bench', 'platform', CASE WHEN n % 4 = 0 THEN 'todo' ELSE 'notice' END, 1,
                jsonb_build_object('title', 'Message ' || n, 'text', repeat('Words of the message. ', 10)), '{}',
                '{"mode":"list","steps":[{"channel":"portal"}]}', now() FROM given
       )
       INSERT INTO delivery (message_id, seq, status, is_open, channel, recipient, address, ref, delivered_at, settled_at, inbox_state)
       SELECT id, place * 16, 40, false, 'portal', user_id, user_id, gen_random_uuid(), now(), now(),
              CASE WHEN n % 4 = 0 THEN 3 ELSE 1 END + (n / 4 + place) % 2
         FROM given CROSS JOIN generate_series(0, ${RECIPIENTS - 1}) place
        CROSS JOIN LATERAL (
          SELECT 'u' || lpad(((n + place * ($5::bigint / ${RECIPIENTS})) % $5::bigint)::text, 8, '0') AS user_id) person`,
      [fromMs, stepMs, from, to, people],
    );
    if (messages > MESSAGES_AT_ONCE) {
      console.log(
        `  filled ${(to * RECIPIENTS).toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} inbox rows`,
      );
    }
  }
  await query('VACUUM ANALYZE message, delivery');
  return people;
}
