import type { FastifyReply, FastifyRequest } from 'fastify';

/** Tells the browser of an allowed page that it may read the answer. */
export function allowOrigin(request: FastifyRequest, reply: FastifyReply, allowed: readonly string[]): void {
  const { origin } = request.headers;
  if (allowed.length > 0) void reply.header('vary', 'Origin');
  if (origin === undefined || !allowed.includes(origin)) return;
  void reply.header('access-control-allow-origin', origin);
  void reply.header('access-control-allow-methods', 'GET, POST, OPTIONS');
  void reply.header('access-control-allow-headers', 'authorization, content-type, token');
  void reply.header('access-control-max-age', '600');
}
