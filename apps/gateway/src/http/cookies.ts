import type { FastifyReply } from 'fastify';

export interface CookieOptions {
  /** Where the browser sends it. */
  path: string;
  /** Only over https. */
  isSecure: boolean;
  /** Seconds; 0 removes it. */
  maxAgeS: number;
}

/** Value of a cookie of ours, which needs no decoding; null where the browser sent none. */
export function findCookie(request: { headers: { cookie?: string | undefined } }, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name && value !== undefined) return value.trim();
  }
  return null;
}

/** Scripts do not see it, and other sites' forms do not send it. @param value of characters that cookies may hold */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const { path, isSecure, maxAgeS } = options;
  reply.header(
    'set-cookie',
    `${name}=${value}; Path=${path}; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
  );
}
