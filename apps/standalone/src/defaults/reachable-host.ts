import { isIPv6 } from 'node:net';

/** What stands in a URL that this machine reaches a listener by. @param host it is bound to */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}
