import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#contracts';
import { DatabaseClock } from '#entities';
import { SecretBox } from '#platform';
import { findCookie, setCookie } from '../../../http/cookies.js';
import { PublicAddress } from '../../public-address.service.js';
import type { IssuerChecks } from './oidc-issuer.service.js';

const COOKIE = 'mc_sign_in';
const AAD = 'portal.sign-in';
/** Time for the person to sign in at the issuer, seconds. */
const TTL_S = 600;

export interface SignInState extends IssuerChecks {
  /** Path of the portal to go on to. */
  returnTo: string;
}

/**
 * What has to be remembered between the way to the issuer and the way back, sealed into a cookie of the browser that began:
 * any replica can go on with it, and an answer that another browser brings is none of its own.
 */
@Injectable()
export class SignInStates {
  constructor(
    private readonly box: SecretBox,
    private readonly address: PublicAddress,
    private readonly clock: DatabaseClock,
  ) {}

  keep(reply: FastifyReply, state: SignInState): void {
    const expiresAtMs = this.clock.nowMs() + TTL_S * 1000;
    const sealed = this.box.seal(JSON.stringify({ ...state, expiresAtMs }), AAD).toString('base64url');
    this.setCookie(reply, sealed, TTL_S);
  }

  /** Null where the browser has none, or an old one. The cookie is gone after it. */
  take(request: FastifyRequest, reply: FastifyReply): SignInState | null {
    const sealed = findCookie(request, COOKIE);
    if (!sealed) return null;
    this.setCookie(reply, '', 0);
    try {
      const state = JSON.parse(this.box.open(Buffer.from(sealed, 'base64url'), AAD)) as SignInState & {
        expiresAtMs: number;
      };
      return state.expiresAtMs > this.clock.nowMs() ? state : null;
    } catch (error) {
      if (error instanceof AppError) return null; // sealed by nobody we know
      throw error;
    }
  }

  private setCookie(reply: FastifyReply, value: string, maxAgeS: number): void {
    const path = `${this.address.pathPrefix}/portal/sign-in`;
    setCookie(reply, COOKIE, value, { path, isSecure: this.address.isHttps, maxAgeS });
  }
}
