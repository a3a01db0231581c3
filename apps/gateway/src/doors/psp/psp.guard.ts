import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DatabaseClock } from '#entities';
import { AuditRefusals, type SignatureRefusal } from '../../access/audit-refusals.service.js';
import { ClientAppAccess, type AccessRefusal } from '../../access/client-app-access.service.js';
import { RateLimiter } from '../../access/rate-limiter.service.js';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { CallOnce } from './call-once.service.js';
import type { PspCode } from './psp.codes.js';
import { PspError } from './psp.error.js';
import { isFresh, isSignedWith, readSignedCall, type SignedCall } from './psp.signature.js';
import { SigningApps } from './signing-apps.service.js';

/** A request of this door after its guard. */
export interface PspRequest extends FastifyRequest {
  callingApp: CallingApp;
}

/** `appkey`, `timestamp` and `validationtoken` of the headers → the calling app, within its rate. */
@Injectable()
export class PspGuard implements CanActivate {
  constructor(
    private readonly apps: SigningApps,
    private readonly once: CallOnce,
    private readonly access: ClientAppAccess,
    private readonly rates: RateLimiter,
    private readonly refusals: AuditRefusals,
    private readonly clock: DatabaseClock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<PspRequest>();
    const ip = this.access.ipOf(request);
    const call = await this.signedCall(request, ip);
    if (!isFresh(call, this.clock.nowMs())) throw await this.refuse('timestamp', 'timestamp', ip);
    const signer = this.apps.known(call.appkey) ?? (await this.apps.find(call.appkey, ip));
    if (!signer) throw await this.refuse('forbidden', 'unknown', ip);
    const { app, secrets } = signer;
    // Both are compared, whichever is right.
    const isSigned = secrets.map((secret) => isSignedWith(secret, call)).includes(true);
    if (!isSigned) throw await this.refuse('token', 'signature', ip);
    if (!signer.isEnabled) throw await this.refuse('forbidden', 'disabled', ip);
    if (!signer.allowlist.allows(ip)) throw await this.refuse('forbidden', 'ip', ip);
    const waitMs = await this.rates.takeOf(app);
    if (waitMs > 0) throw new PspError('rate', undefined, waitMs);
    if (!(await this.once.isFirst(app.appId, call))) throw await this.refuse('timestamp', 'replayed', ip);
    request.callingApp = app;
    return true;
  }

  private async signedCall({ headers }: FastifyRequest, ip: string): Promise<SignedCall> {
    try {
      return readSignedCall(headers);
    } catch (error) {
      if (!(error instanceof PspError)) throw error;
      throw await this.refuse(error.code, error.code === 'timestamp' ? 'timestamp' : 'missing', ip);
    }
  }

  private async refuse(code: PspCode, refusal: AccessRefusal | SignatureRefusal, ip: string): Promise<PspError> {
    await this.refusals.record(refusal, 'psp', ip);
    return new PspError(code);
  }
}
