// Peer: the same path, one INSERT for a message, one DELETE … RETURNING for a mailbox, and nothing else.
import fastify from 'fastify';
import pg from 'pg';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const SET = { name: 'set', text: 'INSERT INTO bare_message (receiver, body) VALUES ($1, $2)' };
const GET = { name: 'get', text: 'DELETE FROM bare_message WHERE receiver = $1 RETURNING body' };

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.DATABASE_POOL_SIZE) });
const app = fastify({ logger: false });
app.post('/app/message', async ({ query, body }) => {
  await pool.query({ ...SET, values: [query.md5_id, body] });
  return { success: 1 };
});
app.get('/app/message', async ({ query }) => {
  const { rows } = await pool.query({ ...GET, values: [query.md5_id] });
  return rows.length === 0 ? { success: 1 } : { success: 1, data: rows.map((row) => row.body) };
});
await app.listen({ port: 0, host: '127.0.0.1' });
onTerm(async () => {
  await app.close();
  await pool.end();
});
serveQuestions({ port: app.server.address().port }, {});
