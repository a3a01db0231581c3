// Peer: the statements of `inbox-statements` behind the same paths, without a check of a token, a rate or a parameter.
import fastify from 'fastify';
import pg from 'pg';
import { COUNT, LIST } from '../lib/inbox-statements.mjs';
import { onTerm, serveQuestions } from '../lib/program.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const app = fastify({ logger: false });
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, new URLSearchParams(body)),
);
for (const [path, statement] of Object.entries({ count: COUNT, list: LIST })) {
  app.post(`/api/message/user/${path}`, async ({ body }) => {
    const { rows } = await pool.query({ ...statement, values: [body.get('account')] });
    return { rspCode: '000000', resultData: rows };
  });
}
await app.listen({ port: 0, host: '127.0.0.1' });
onTerm(async () => {
  await app.close();
  await pool.end();
});
serveQuestions({ port: app.server.address().port }, {});
