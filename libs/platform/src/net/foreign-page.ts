import type { IncomingHttpHeaders } from 'node:http';
import { isLoopbackHost } from './loopback.js';

/**
 * A web page of somebody else sent it. Where no token is wanted the server itself has to refuse, or any page could drive it:
 * browsers do not ask before they send, neither for bodies that are read whatever their Content-Type says nor for WebSockets.
 */
export function isForeignPage({ origin, host, ...headers }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined) return headers['sec-fetch-site'] === 'cross-site';
  return !allowed.includes(origin) && urlOf(origin)?.host !== host;
}

/** The browser was told that some name is this machine: its page may be anybody's. */
export const isForeignName = ({ host }: IncomingHttpHeaders): boolean =>
  !isLoopbackHost((host ?? '').replace(/:\d*$/, ''));

/** The page came from a server of this machine, at whichever port. */
export const isPageOfThisMachine = ({ origin }: IncomingHttpHeaders): boolean =>
  isLoopbackHost(urlOf(origin ?? '')?.hostname ?? '');

function urlOf(origin: string): URL | null {
  try {
    return new URL(origin);
  } catch {
    return null;
  }
}
