import { Injectable } from '@nestjs/common';
import { AppError } from '#contracts';
import { ClientAppRepository, TOKEN_TTL_S, type ClientAppForAuth } from '#entities';
import { IpAllowlist, randomToken, sha256 } from '#platform';
import { AuditRefusals } from './audit-refusals.service.js';
import type { AccessRefusal } from './client-app-access.service.js';
import { ClientAppSecrets } from './client-app-secrets.js';
import { RateLimiter } from './rate-limiter.service.js';
import { WrongSecretThrottle } from './wrong-secret-throttle.service.js';

/** Token calls of one app from one address per second. */
const CALLS_PER_SECOND = 100;

export interface TokenRequest {
  appId: string;
  appSecret: string;
  /** Address of the caller, as `ClientAppAccess.ipOf` found it. */
  ip: string;
  /** Door that was asked, for the audit. */
  door: string;
}

export interface IssuedToken {
  token: string;
  /** Seconds. */
  expiresIn: number;
}

/** One answer for every reason: unknown app, wrong secret, disabled app, address not allowed. */
export class TokenRefusedError extends AppError {
  constructor() {
    super('token_refused', 'unauthorized', 'These credentials do not open a session from this address.');
  }
}

/** `details.retryAfterMs`: when to come back. */
export class TokenThrottledError extends AppError {
  constructor(retryAfterMs: number) {
    super('rate_limited', 'rate_limited', 'Too many token requests: wait before the next one.', { retryAfterMs });
  }
}

/** Changes credentials into a token of the one token store: the token opens every door that takes such tokens. */
@Injectable()
export class IssueTokenService {
  constructor(
    private readonly clientApps: ClientAppRepository,
    private readonly secrets: ClientAppSecrets,
    private readonly limiter: RateLimiter,
    private readonly throttle: WrongSecretThrottle,
    private readonly refusals: AuditRefusals,
  ) {}

  /** @throws TokenRefusedError, TokenThrottledError */
  async issue(request: TokenRequest): Promise<IssuedToken> {
    // The id is what a stranger typed: of bounded length only as a digest.
    const subject = `token ${sha256(request.appId).toString('base64url')} ${request.ip}`;
    const attempt = await this.throttle.attempt(
      subject,
      () => this.appWith(request, subject),
      (found) => found === null,
    );
    if ('waitMs' in attempt) throw new TokenThrottledError(attempt.waitMs);
    const app = attempt.found;
    if (!app) return this.refuse(request, 'unknown');
    if (!app.enabled) return this.refuse(request, 'disabled');
    if (!new IpAllowlist(app.ip_allowlist).allows(request.ip)) return this.refuse(request, 'ip');
    const token = randomToken();
    await this.clientApps.storeToken(sha256(token), app.app_id);
    return { token, expiresIn: TOKEN_TTL_S };
  }

  /** Null: there is none, or the secret is another one. */
  private async appWith({ appId, appSecret }: TokenRequest, subject: string): Promise<ClientAppForAuth | null> {
    const waitMs = await this.limiter.take(subject, CALLS_PER_SECOND, 1);
    if (waitMs > 0) throw new TokenThrottledError(waitMs);
    const app = await this.clientApps.find(appId);
    return this.secrets.isSecretOf(appSecret, app) ? app : null;
  }

  private async refuse(request: TokenRequest, refusal: AccessRefusal): Promise<never> {
    await this.refusals.record(refusal, request.door, request.ip);
    throw new TokenRefusedError();
  }
}
