import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/** Content types whose body is streamed to a call that takes it so. */
export const STREAMED_TYPES = ['application/x-ndjson', 'application/ndjson'];

interface RouteWithBody {
  isBodyStreamed?: boolean;
}

/**
 * Method decorator: a body of `STREAMED_TYPES` is a Readable, read by the call itself. Everywhere else it is read first, as any other:
 * those doors decode what comes, whatever its Content-Type says.
 */
export const StreamedBody = (): MethodDecorator => RouteConfig({ isBodyStreamed: true } satisfies RouteWithBody);

export const isBodyStreamed = ({ routeOptions }: FastifyRequest): boolean =>
  (routeOptions.config as RouteWithBody).isBodyStreamed === true;
