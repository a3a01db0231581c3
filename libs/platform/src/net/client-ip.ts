import { foldIp, IpRanges } from './ip-ranges.js';

/** Answer where the socket has no address any more (the client is gone); no allow list contains it. */
export const UNKNOWN_IP = 'unknown';

/** More proxies than this in a row is a forgery. */
const MAX_HOPS = 32;

/**
 * Address of the caller: starts at the peer of the socket and walks X-Forwarded-For from the right for as long as the address at
 * hand is a trusted proxy, because only what a trusted proxy appended can be believed. An entry that is no address ends the walk
 * at the proxy that reported it. `Forwarded` (RFC 7239) is not read.
 * @param remoteAddress of the socket
 * @param forwardedFor header value; repeated headers as an array or already joined by commas
 */
export function clientIp(
  remoteAddress: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: IpRanges,
): string {
  let ip = foldIp(remoteAddress ?? '');
  if (ip === null) return UNKNOWN_IP;
  const header = typeof forwardedFor === 'string' ? forwardedFor : (forwardedFor ?? []).join(',');
  const hops = header === '' ? [] : header.split(',').slice(-MAX_HOPS);
  while (trustedProxies.has(ip)) {
    const hop = hops.pop();
    const next = hop === undefined ? null : foldIp(withoutPort(hop.trim()));
    if (next === null) break;
    ip = next;
  }
  return ip;
}

/** `1.2.3.4:80` and `[::1]:80` as some proxies write them; anything else unchanged. */
function withoutPort(hop: string): string {
  const match = /^\[([0-9a-fA-F:.]+)\](?::\d{1,5})?$/.exec(hop) ?? /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(hop);
  return match?.[1] ?? hop;
}
