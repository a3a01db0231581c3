import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { IM_FEATURE } from '#contracts';
import { ImConfig, isForeignName, isForeignPage, sha256 } from '#platform';
import { AuditRefusals } from '../../access/audit-refusals.service.js';
import { ClientAppAccess, type AccessRefusal } from '../../access/client-app-access.service.js';
import { RateLimiter } from '../../access/rate-limiter.service.js';
import { RefusedTokens } from '../../access/refused-tokens.js';
import { WrongSecretThrottle } from '../../access/wrong-secret-throttle.service.js';
import type { CallingApp } from '../../intake/accept-message.command.js';
import { allowOrigin } from './im-origin.js';
import { ImAccessError, ImRateError } from './im.error.js';
import { Patience } from './patience.js';

/** Lets in whoever has the manager's token or that of a client app with the feature `im`; without IM_AUTH this machine itself, as start-up made sure. */
@Injectable()
export class ImGuard implements CanActivate {
  private readonly isOpen: boolean;
  private readonly origins: readonly string[];
  /** SHA-256 of the manager's token; null: there is none. */
  private readonly manager: Buffer | null;
  private readonly refused = new RefusedTokens();

  constructor(
    im: ImConfig,
    private readonly access: ClientAppAccess,
    private readonly rates: RateLimiter,
    private readonly throttle: WrongSecretThrottle,
    private readonly refusals: AuditRefusals,
  ) {
    this.isOpen = im.IM_AUTH === 'none';
    this.origins = im.IM_CORS_ORIGINS;
    this.manager = im.IM_MANAGER_TOKEN === undefined ? null : sha256(im.IM_MANAGER_TOKEN);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    allowOrigin(request, context.switchToHttp().getResponse<FastifyReply>(), this.origins);
    if (!this.isOpen) return this.authenticate(request);
    if (isForeignPage(request.headers, this.origins) || isForeignName(request.headers)) throw new ImAccessError(403);
    return true;
  }

  private async authenticate(request: FastifyRequest): Promise<boolean> {
    const token = tokenOf(request.headers);
    const ip = this.access.ipOf(request);
    const patience = new Patience();
    const app = token === undefined ? 'missing' : await patience.with(this.callerWith(token, ip, patience));
    if (app === 'manager') return true;
    if (typeof app === 'string' || !app.features.has(IM_FEATURE)) {
      // What he hears is known by now, written down or not.
      if (typeof app === 'string') await patience.with(this.refusals.record(app, 'im', ip)).catch(() => undefined);
      throw new ImAccessError(401);
    }
    const waitMs = await patience.with(this.rates.takeOf(app));
    if (waitMs > 0) throw new ImRateError(waitMs);
    return true;
  }

  /**
   * The look itself is given up as well: one that goes on would keep others behind the same address from theirs.
   * @throws ImRateError: after too many guesses not even the manager's token is looked at, those of apps go on working
   */
  private async callerWith(
    token: string,
    ip: string,
    patience: Patience,
  ): Promise<'manager' | CallingApp | AccessRefusal> {
    const { manager } = this;
    if (manager === null) return this.access.authenticate(token, ip);
    const look = (): Promise<CallingApp | AccessRefusal> => patience.with(this.access.authenticate(token, ip));
    const attempt = await this.throttle.attempt(
      `im ${ip}`,
      async () => (timingSafeEqual(sha256(token), manager) ? 'manager' : look()),
      (found) => found === 'unknown' && !this.refused.has(token),
    );
    const found = 'waitMs' in attempt ? await look() : attempt.found;
    if (found !== 'unknown') return found;
    if ('waitMs' in attempt && !this.refused.has(token)) throw new ImRateError(attempt.waitMs);
    this.refused.add(token);
    return found;
  }
}

/** In the header `token`, or as the other doors have it. */
function tokenOf({ token, authorization }: FastifyRequest['headers']): string | undefined {
  if (typeof token === 'string' && token !== '') return token;
  return authorization?.replace(/^Bearer +/i, '');
}
