import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AuditRefusals } from '../../access/audit-refusals.service.js';
import { ClientAppAccess, type AccessRefusal } from '../../access/client-app-access.service.js';
import { RateLimiter } from '../../access/rate-limiter.service.js';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { givenBy, type Given } from './platform.body.js';
import type { PlatformCode } from './platform.codes.js';
import { PlatformError, tooFrequent } from './platform.error.js';
import { TOKEN } from './platform.docs.js';

export const PLATFORM_CALL = Symbol('platform call');

/** What the guard has to know of a call. */
export interface PlatformCallRules {
  /** Needs no token. */
  isOpen?: boolean;
  /** Code for an unexpired token of a disabled app; 500003 unless given. */
  disabledApp?: PlatformCode;
  /** Its answers carry `debuggerErrorMsg`. */
  hasDebug?: boolean;
}

/** A request of this door after its guard. */
export interface PlatformRequest extends FastifyRequest {
  /** What is particular to the call. */
  call: PlatformCallRules;
  /** Its parameters, wherever they travelled. */
  given: Given;
  callingApp: CallingApp;
}

/** Reads the parameters; then `token` → the calling app, within its rate. */
@Injectable()
export class PlatformGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: ClientAppAccess,
    private readonly rates: RateLimiter,
    private readonly refusals: AuditRefusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<PlatformRequest>();
    request.call = this.reflector.get<PlatformCallRules>(PLATFORM_CALL, context.getHandler());
    request.given = givenBy(request);
    if (request.call.isOpen !== true) request.callingApp = await this.authenticate(request);
    return true;
  }

  private async authenticate(request: PlatformRequest): Promise<CallingApp> {
    const token = TOKEN.read('token', request.given.get('token'));
    const ip = this.access.ipOf(request);
    const app = await this.access.authenticate(token, ip);
    if (typeof app === 'string') throw await this.refuse(app, request.call, ip);
    const waitMs = await this.rates.takeOf(app);
    if (waitMs > 0) throw tooFrequent(waitMs);
    return app;
  }

  private async refuse(refusal: AccessRefusal, call: PlatformCallRules, ip: string): Promise<PlatformError> {
    await this.refusals.record(refusal, 'platform', ip);
    return new PlatformError(refusal === 'disabled' ? (call.disabledApp ?? 'token') : 'token');
  }
}
