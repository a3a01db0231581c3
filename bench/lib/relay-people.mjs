// Who takes part in the relay, as rows. Digests are made by the database: a million of them are made in seconds.
export const userToken = (n) => `bench-relay-user-token-${n}`;
export const adminToken = (n) => `bench-relay-admin-token-${n}`;

const identities = (role) => `
  INSERT INTO relay_identity (md5_id, token_hash, role, rate_exempt)
  SELECT md5(token), sha256(token::bytea), '${role}', ${role === 'admin'}
    FROM (SELECT 'bench-relay-${role}-token-' || n AS token FROM generate_series($1::int, $2::int - 1) n) t
      ON CONFLICT DO NOTHING`;

/** As many users and admins as named; whoever is there already stays. */
export async function addRelayPeople(query, { users, admins }) {
  const [{ n }] = await query(`SELECT count(*)::int AS n FROM relay_identity WHERE role = 'user'`);
  await query(identities('user'), [n, Math.max(n, users)]);
  await query(identities('admin'), [0, admins]);
}

/** One message in the mailbox of each user, and nothing else anywhere. */
export async function fillMailboxes(query, users) {
  // In the order in which a send meets them: the last calls of a load may still be under way.
  await query('TRUNCATE relay_quota, relay_message, relay_contact, relay_pull');
  await query(
    `INSERT INTO relay_message (receiver, sender, body, sent_at)
     SELECT md5('bench-relay-user-token-' || n), md5('bench-relay-admin-token-0'), '{"content":"hello","nickname":"Bench"}', now()
       FROM generate_series(0, $1::int - 1) n`,
    [users],
  );
  await query(
    `INSERT INTO relay_contact (owner, peer, sent_at) SELECT receiver, sender, sent_at FROM relay_message ON CONFLICT DO NOTHING`,
  );
}
