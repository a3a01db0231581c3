import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PublicAddress } from '../public-address.service.js';
import { PortalProblem } from './page/portal-problem.js';

/**
 * Forms of other sites do nothing here. The proof that each of our forms brings along would keep them out already; this
 * is the second lock. Pages without a referrer send `Origin: null`, so only an origin that names another site counts.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(private readonly address: PublicAddress) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const site = headers['sec-fetch-site'];
    if (site !== undefined ? site !== 'same-origin' : this.isOtherSite(headers)) throw new PortalProblem('cross_site');
    return true;
  }

  private isOtherSite({ origin, host }: FastifyRequest['headers']): boolean {
    if (origin === undefined || origin === 'null') return false;
    // A proxy may speak to us by another name than browsers do.
    return ![new URL(this.address.url('/')).origin, `http://${host}`, `https://${host}`].includes(origin);
  }
}
