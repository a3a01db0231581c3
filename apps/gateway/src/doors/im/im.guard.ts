import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { timingSafeEqual } from 'node:crypto';
import { IM_FEATURE } from '#contracts';
import { ImConfig, isForeignName, isForeignPage, sha256 } from '#platform';
import { AuditRefusals } from '../../access/audit-refusals.service.js';
import { ClientAppAccess } from '../../access/client-app-access.service.js';
import { RateLimiter } from '../../access/rate-limiter.service.js';
import { allowOrigin } from './im-origin.js';
import { ImAccessError, ImRateError } from './im.error.js';

/** Lets in whoever has the manager's token or that of a client app with the feature `im`; without IM_AUTH this machine itself, as start-up made sure. */
@Injectable()
export class ImGuard implements CanActivate {
  private readonly isOpen: boolean;
  private readonly origins: readonly string[];
  /** SHA-256 of the manager's token; null: there is none. */
  private readonly manager: Buffer | null;

  constructor(
    im: ImConfig,
    private readonly access: ClientAppAccess,
    private readonly rates: RateLimiter,
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
    if (token !== undefined && this.manager && timingSafeEqual(sha256(token), this.manager)) return true;
    const ip = this.access.ipOf(request);
    const app = await this.access.authenticate(token, ip);
    if (typeof app === 'string' || !app.features.has(IM_FEATURE)) {
      if (typeof app === 'string') await this.refusals.record(app, 'im', ip);
      throw new ImAccessError(401);
    }
    const waitMs = await this.rates.takeOf(app);
    if (waitMs > 0) throw new ImRateError(waitMs);
    return true;
  }
}

/** In the header `token`, or as the other doors have it. */
function tokenOf({ token, authorization }: FastifyRequest['headers']): string | undefined {
  if (typeof token === 'string' && token !== '') return token;
  return authorization?.replace(/^Bearer +/i, '');
}
