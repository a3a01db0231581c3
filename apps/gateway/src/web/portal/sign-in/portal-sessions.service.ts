import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PortalSessionRepository } from '#entities';
import { PortalConfig, sha256 } from '#platform';
import { findCookie, setCookie, type CookieOptions } from '../../../http/cookies.js';
import { PublicAddress } from '../../public-address.service.js';
import { LiveSessions } from './live-sessions.service.js';

const COOKIE = 'mc_portal';
/** 32 random bytes as base64url; anything else is not worth a query. */
const TOKEN = /^[\w-]{43}$/;

/** Who is signed in to the portal: a cookie with a random token, of which only the hash is stored. */
@Injectable()
export class PortalSessions {
  constructor(
    private readonly sessions: PortalSessionRepository,
    private readonly config: PortalConfig,
    private readonly address: PublicAddress,
    private readonly live: LiveSessions,
  ) {}

  /** Null: nobody is signed in. */
  async userOf(request: FastifyRequest): Promise<string | null> {
    const token = tokenOf(request);
    return token === null ? null : this.sessions.userOf(sha256(token));
  }

  async start(reply: FastifyReply, userId: string): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const hours = this.config.PORTAL_SESSION_HOURS;
    await this.sessions.start(sha256(token), userId, hours);
    setCookie(reply, COOKIE, token, this.cookie(hours * 3600));
  }

  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const token = tokenOf(request);
    if (token === null) return;
    await this.sessions.end(sha256(token));
    this.live.end(sessionOf(token));
    setCookie(reply, COOKIE, '', this.cookie(0));
  }

  /** For what stays open after its request: `over` is called once the sign-in has ended. @returns how to stop watching */
  watch(request: FastifyRequest, over: () => void): () => void {
    const token = tokenOf(request);
    return token === null ? () => undefined : this.live.watch(sessionOf(token), over);
  }

  private cookie(maxAgeS: number): CookieOptions {
    return { path: `${this.address.pathPrefix}/portal`, isSecure: this.address.isHttps, maxAgeS };
  }
}

const sessionOf = (token: string): string => sha256(token).toString('hex');

function tokenOf(request: FastifyRequest): string | null {
  const token = findCookie(request, COOKIE);
  return token !== null && TOKEN.test(token) ? token : null;
}
