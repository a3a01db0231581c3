import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuditRefusals } from '../../access/audit-refusals.service.js';
import { ClientAppAccess } from '../../access/client-app-access.service.js';
import { RateLimiter } from '../../access/rate-limiter.service.js';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { MSG_CODE, MsgError, TOKEN_REFUSED, TOO_FREQUENT } from './msg.error.js';

/** A request of this door after its guard. */
export interface MsgRequest extends FastifyRequest {
  callingApp: CallingApp;
}

/** `access_token` of the query → the calling app, within its rate. */
@Injectable()
export class MsgTokenGuard implements CanActivate {
  constructor(
    private readonly access: ClientAppAccess,
    private readonly rates: RateLimiter,
    private readonly refusals: AuditRefusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<MsgRequest>();
    const token = (request.query as Record<string, unknown>).access_token;
    const ip = this.access.ipOf(request);
    const app = await this.access.authenticate(typeof token === 'string' ? token : undefined, ip);
    if (typeof app === 'string') {
      await this.refusals.record(app, 'msg', ip);
      throw new MsgError(MSG_CODE.token, TOKEN_REFUSED);
    }
    const waitMs = await this.rates.takeOf(app);
    if (waitMs > 0) throw new MsgError(MSG_CODE.rate, TOO_FREQUENT);
    request.callingApp = app;
    return true;
  }
}

/** Calls per second of one address on the calls that need no token. */
const OPEN_CALLS_PER_SECOND = 100;

/** The calls without a token are limited by the caller's address. */
@Injectable()
export class MsgIpRateGuard implements CanActivate {
  constructor(
    private readonly access: ClientAppAccess,
    private readonly rates: RateLimiter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const waitMs = await this.rates.take(`ip:${this.access.ipOf(request)}`, OPEN_CALLS_PER_SECOND, 1);
    if (waitMs > 0) throw new MsgError(MSG_CODE.rate, TOO_FREQUENT);
    return true;
  }
}
