import type { FastifyInstance } from 'fastify';
import { allowOrigin } from './im-origin.js';

/** Addresses that belong to this door, whatever the method. Below `/message/` other doors live, too. */
const OWN =
  /^\/(?:(?:channel|streammessage|conversations?|user|route)(?:[/?]|$)|messages?\/?(?:\?|$)|message\/(?:send|sendbatch|sync|syncack)\/?(?:\?|$))/;

/** Answers as the server whose interface this is: preflights with 204, what it does not have with a plain text. */
export function answerUnknownPaths(fastify: FastifyInstance, origins: readonly string[]): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404 || !OWN.test(request.url)) return done();
    allowOrigin(request, reply, origins);
    if (request.method === 'OPTIONS') return void reply.status(204).send();
    void reply.status(404).type('text/plain').send('404 page not found');
  });
}
