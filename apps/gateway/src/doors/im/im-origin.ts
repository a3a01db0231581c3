import type { FastifyReply, FastifyRequest } from 'fastify';
import { isLoopbackHost } from '#platform';

type Headers = FastifyRequest['headers'];

/**
 * A web page of somebody else sent it. Bodies are read whatever their Content-Type says, so that no browser asks before it
 * sends: the door itself has to refuse, or any page could drive a server that wants no token.
 */
export function isForeignPage({ origin, host, ...headers }: Headers, allowed: readonly string[]): boolean {
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site';
  return !allowed.includes(origin) && hostOf(origin) !== host;
}

/** The browser was told that some name is this machine: its page may be anybody's. */
export const isForeignName = ({ host }: Headers): boolean => !isLoopbackHost((host ?? '').replace(/:\d*$/, ''));

export function allowOrigin(request: FastifyRequest, reply: FastifyReply, allowed: readonly string[]): void {
  const { origin } = request.headers;
  if (allowed.length > 0) void reply.header('vary', 'Origin');
  if (origin === undefined || !allowed.includes(origin)) return;
  void reply.header('access-control-allow-origin', origin);
  void reply.header('access-control-allow-methods', 'GET, POST, OPTIONS');
  void reply.header('access-control-allow-headers', 'authorization, content-type, token');
  void reply.header('access-control-max-age', '600');
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
