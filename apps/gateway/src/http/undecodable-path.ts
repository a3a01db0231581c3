import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';

/** No door has a call of this name below its first segment. */
const NOWHERE = 'not-decodable';

/**
 * A path whose `%` escapes are no UTF-8 (`/v1/users/%zz`) names nothing, but the router would answer it by itself, in a
 * form that no door has. It is routed again as an unknown path of the door that its first segment names.
 */
export function routeUndecodablePath(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // Of the router's own failures this one alone is cured by another path; the others would come again.
  if (error.code !== 'FST_ERR_BAD_URL') return void reply.send(error);
  const { raw, server } = request;
  const door = /^\/([\w-]+)\//.exec(raw.url ?? '')?.[1];
  raw.url = door === undefined ? `/${NOWHERE}` : `/${door}/${NOWHERE}`;
  server.routing(raw, reply.raw);
}
