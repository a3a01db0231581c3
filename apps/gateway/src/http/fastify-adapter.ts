import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyContentTypeParser } from 'fastify';
import { HTTP_LIMITS, pathAndQuery } from '#platform';
import { BodyReader } from './body-reader.js';
import { requestIdOf } from './request-id.js';
import { STREAMED_TYPES, isBodyStreamed } from './streamed-body.js';
import { routeUndecodablePath } from './undecodable-path.js';

const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;

/**
 * Fastify as the public listener wants it: every timeout set (Fastify's defaults are "off"), bodies read raw within
 * the limit of their call, no logging of its own (its default serializer would print query strings with tokens).
 */
export function createFastifyAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    requestTimeout: HTTP_LIMITS.requestTimeoutMs,
    connectionTimeout: HTTP_LIMITS.connectionTimeoutMs,
    keepAliveTimeout: 72_000,
    bodyLimit: Number.MAX_SAFE_INTEGER, // bounded by BodyReader, so that each door can answer in its own form
    // What still comes on an open connection is answered by its door, and told that the connection ends: nothing it needs is gone yet.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: HTTP_LIMITS.headerBytes },
    genReqId: requestIdOf,
    exposeHeadRoutes: false,
    frameworkErrors: routeUndecodablePath,
    // The router finds a door behind any host; what comes after it reads the address as a path.
    rewriteUrl: ({ url = '/' }) => pathAndQuery(url),
    // No shorter than a path can be: how long a parameter may be is said by its door, in the door's form.
    routerOptions: { maxParamLength: HTTP_LIMITS.headerBytes, ignoreTrailingSlash: true },
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  const bodies = new BodyReader(HTTP_LIMITS.bodyBytesInFlight);
  const readBody: FastifyContentTypeParser = (request, payload, done) => {
    payload.once('end', () => awaitAnswer(payload));
    bodies.read(payload, request.routeOptions.config.bodyBytes ?? HTTP_LIMITS.bodyBytes, done);
  };
  for (const type of STREAMED_TYPES) {
    fastify.addContentTypeParser(type, (request, payload, done) => {
      if (!isBodyStreamed(request)) return readBody(request, payload, done);
      payload.once('end', () => awaitAnswer(payload));
      done(null, payload);
    });
  }
  fastify.addContentTypeParser('*', readBody);
  // What is no media type counts as none: Fastify would refuse the request before its door could read it.
  fastify.addHook('onRequest', ({ headers }, _reply, done) => {
    if (!MEDIA_TYPE.test(headers['content-type'] ?? '')) delete headers['content-type'];
    done();
  });
  let isClosing = false;
  fastify.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  // Here and above with callbacks: a promise more a request is felt at the doors that take thousands a second.
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
    // Whoever asked before would otherwise keep his connection, and us, for the next request.
    if (isClosing) reply.header('connection', 'close');
    reply.header('x-request-id', request.id);
    done();
  });
  return adapter;
}

/**
 * The caller has said all he had to say, and waits for us: how long is up to the call. Otherwise the limit for silent callers would
 * cut him off. Node sets it again for his next request.
 */
function awaitAnswer({ socket }: IncomingMessage): void {
  socket.setTimeout(0);
}
