import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AuditRefusals } from './audit-refusals.service.js';
import { ClientAppAccess } from './client-app-access.service.js';
import { ClientAppSecrets } from './client-app-secrets.js';
import { IssueTokenService } from './issue-token.service.js';
import { RateLimiter } from './rate-limiter.service.js';
import { WrongSecretThrottle } from './wrong-secret-throttle.service.js';

const ALL = [AuditRefusals, ClientAppAccess, ClientAppSecrets, IssueTokenService, RateLimiter, WrongSecretThrottle];

/** Who is calling, from where, and how often. Shared by all doors. */
@Module({ imports: [PersistenceModule], providers: ALL, exports: ALL })
export class AccessModule {}
