// One client app, a template and people, as rows: what a center holds before the first message.
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';

export const PEOPLE = 1000;
export const TEMPLATE = 'bench';
/** The limiter stays in the way, as in production; it only never says no. */
const RATE_PER_SECOND = 10_000_000;
export const userId = (n) => `u${String(n).padStart(8, '0')}`;

/** @returns {Promise<{ token: string, environment: Record<string, string>, query(sql: string, values?: unknown[]): Promise<any[]>, stop(): Promise<void> }>} */
export async function seedDirectory(databaseUrl, sinkUrl = 'http://127.0.0.1:9/') {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', (error) => console.error(error.message));
  const query = async (sql, values) => (await pool.query(sql, values)).rows;
  const token = randomBytes(24).toString('base64url');
  const content = { title: 'Bench', text: 'Message {{n}}' };
  await query(
    `INSERT INTO client_app (app_id, name, channels, features, secret, webhook_secret, rate_per_second)
     VALUES ('bench', 'Bench', '{portal,sms,webhook}', '{broadcast}', '', '', $1)`,
    [RATE_PER_SECOND],
  );
  await query(
    `INSERT INTO access_token (token_hash, app_id, expires_at) VALUES ($1, 'bench', now() + interval '1 day')`,
    [createHash('sha256').update(token).digest()],
  );
  await query(
    `WITH t AS (INSERT INTO template (app_id, code) VALUES ('bench', $1) RETURNING id),
          v AS (INSERT INTO template_version (template_id, version, name, params, content) SELECT id, 1, 'Bench', '{n}', $2 FROM t RETURNING id)
     SELECT id FROM v`,
    [TEMPLATE, JSON.stringify({ portal: content, sms: { text: content.text }, webhook: content })],
  );
  await query(`UPDATE template SET current_version_id = (SELECT id FROM template_version) WHERE code = $1`, [TEMPLATE]);
  await addPeople(query, PEOPLE);
  await query(
    `INSERT INTO recipient_address (user_id, channel, address)
     SELECT user_id, 'sms', '1379' || lpad((row_number() OVER (ORDER BY user_id))::text, 7, '0') FROM recipient
     UNION ALL SELECT user_id, 'webhook', $1 FROM recipient`,
    [sinkUrl],
  );
  await query(`INSERT INTO provider_account (channel, id, provider) VALUES ('webhook', 'main', 'webhook')`);
  await query('VACUUM ANALYZE');
  const environment = {
    DATABASE_URL: databaseUrl,
    MASTER_KEY: randomBytes(32).toString('hex'),
    ADMIN_TOKEN: randomBytes(16).toString('hex'),
    OUTGOING_ALLOW: '127.0.0.0/8',
    SANDBOX: 'on',
    LOG_LEVEL: 'warn',
    IM_AUTH: 'none',
    IM_WS_PORT: '0',
    HOST: '127.0.0.1',
  };
  return { token, environment, query, stop: () => pool.end() };
}

export const addPeople = (query, count) =>
  query(
    `INSERT INTO recipient (user_id, name)
     SELECT 'u' || lpad(n::text, 8, '0'), 'Person ' || n FROM generate_series(0, $1::int - 1) n ON CONFLICT DO NOTHING`,
    [count],
  );

/** Bodies of /msg/send, one a person; `n` tells them apart at the other end. */
export const sendBody = (n, channel) =>
  JSON.stringify({ uid: userId(n % PEOPLE), template: TEMPLATE, params: { n: String(n) }, channel });

export const sendPath = (token) => `/msg/send?access_token=${token}`;
