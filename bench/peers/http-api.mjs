// The HTTP side of the peers: bare Fastify with a compiled schema, the same body and answer as /msg/send.
import { randomUUID } from 'node:crypto';
import fastify from 'fastify';

const schema = {
  body: {
    type: 'object',
    required: ['uid', 'template'],
    properties: {
      uid: { type: 'string', minLength: 1, maxLength: 128 },
      template: { type: 'string', minLength: 1, maxLength: 128 },
      params: { type: 'object', additionalProperties: { type: 'string' } },
      channel: { type: 'string', maxLength: 32 },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: {
        code: { type: 'integer' },
        message: { type: 'string' },
        data: { type: 'object', properties: { ref_no: { type: 'string' } } },
      },
    },
  },
};

/** @param {(body: object, id: string) => Promise<unknown> | undefined} store */
export async function listen(store) {
  const app = fastify({ logger: false });
  app.post('/msg/send', { schema }, async ({ body }) => {
    const id = randomUUID();
    await store(body, id);
    return { code: 0, message: '', data: { ref_no: id } };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, close: () => app.close() };
}
