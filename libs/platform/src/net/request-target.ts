const SITE = /^https?:\/\/[^/?#]*/i;

/** Path and query of the target of a request, which may name scheme and host before them (RFC 9112 §3.2.2), whatever host that is. */
export function pathAndQuery(target: string): string {
  const rest = target.startsWith('/') ? target : target.replace(SITE, '');
  return rest === '' || rest.startsWith('?') ? `/${rest}` : rest;
}

export const pathOf = (target: string): string => pathAndQuery(target).replace(/[?#].*/s, '');
