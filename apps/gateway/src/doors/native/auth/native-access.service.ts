import { Injectable } from '@nestjs/common';
import { SecurityConfig, safeEqual } from '#platform';
import { AuditRefusals } from '../../../access/audit-refusals.service.js';
import { ClientAppAccess, type RequestOrigin } from '../../../access/client-app-access.service.js';
import { RateLimiter } from '../../../access/rate-limiter.service.js';
import { RefusedTokens } from '../../../access/refused-tokens.js';
import { WrongSecretThrottle } from '../../../access/wrong-secret-throttle.service.js';
import { ForbiddenError, RateLimitedError, UnauthorizedError } from '../http/native-errors.js';
import { adminCaller, appCaller, type Caller } from './caller.js';

const BEARER = /^Bearer +([a-z0-9._~+/=-]{1,512})$/i;

/** From the Authorization header to the caller. Failures are audited and slow down further guesses of the same address. */
@Injectable()
export class NativeAccess {
  private readonly refused = new RefusedTokens();

  constructor(
    private readonly apps: ClientAppAccess,
    private readonly limiter: RateLimiter,
    private readonly throttle: WrongSecretThrottle,
    private readonly refusals: AuditRefusals,
    private readonly security: SecurityConfig,
  ) {}

  /** @throws UnauthorizedError, RateLimitedError; ForbiddenError for a caller that is not among `allowed` */
  async identify(request: RequestOrigin, allowed: readonly Caller['kind'][]): Promise<Caller> {
    const ip = this.apps.ipOf(request);
    const caller = await this.find(bearerOf(request), ip);
    if (!allowed.includes(caller.kind)) {
      throw new ForbiddenError(
        caller.kind === 'app' ? 'This call is for administrators.' : 'This call needs the token of a client app.',
      );
    }
    const waitMs = caller.kind === 'app' ? await this.limiter.takeOf(caller.app) : 0;
    if (waitMs > 0) throw new RateLimitedError(waitMs);
    return caller;
  }

  private async find(token: string | undefined, ip: string): Promise<Caller> {
    if (token === undefined) throw new UnauthorizedError(); // nothing was guessed
    const app = await this.apps.authenticate(token, ip);
    if (typeof app === 'object') return appCaller(app, ip);
    // Any unknown token may be a guess at the administrator's, whatever the route; valid tokens of apps go on working.
    if (app === 'unknown' && !this.refused.has(token) && (await this.isAdministrators(token, ip)))
      return adminCaller(ip);
    await this.refusals.record(app, 'native', ip);
    throw new UnauthorizedError();
  }

  /** @throws RateLimitedError: it was not looked at */
  private async isAdministrators(token: string, ip: string): Promise<boolean> {
    const { ADMIN_TOKEN } = this.security;
    const look = (): Promise<boolean> => Promise.resolve(ADMIN_TOKEN !== undefined && safeEqual(token, ADMIN_TOKEN));
    const attempt = await this.throttle.attempt(`admin ${ip}`, look, (isRight) => !isRight);
    if ('waitMs' in attempt) throw new RateLimitedError(attempt.waitMs);
    if (!attempt.found) this.refused.add(token);
    return attempt.found;
  }
}

function bearerOf(request: RequestOrigin): string | undefined {
  const header = request.headers['authorization'];
  return typeof header === 'string' ? BEARER.exec(header)?.[1] : undefined;
}
