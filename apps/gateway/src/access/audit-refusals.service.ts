import { Injectable } from '@nestjs/common';
import { AuditRepository } from '#entities';
import { AppLogger } from '#platform';
import type { AccessRefusal } from './client-app-access.service.js';
import { RateLimiter } from './rate-limiter.service.js';

/** Why a signed call does not open a door, beside what a token can be refused for. */
export type SignatureRefusal = 'signature' | 'timestamp' | 'replayed';

/** Refusals of one address that are written down per minute: a flood must not become a flood of inserts. */
const WRITTEN_PER_MINUTE = 60;

/** Keeps every refused token in the audit log, within reason. */
@Injectable()
export class AuditRefusals {
  constructor(
    private readonly audit: AuditRepository,
    private readonly rates: RateLimiter,
    private readonly logger: AppLogger,
  ) {}

  /** @param door where it happened, e.g. `msg` */
  async record(refusal: AccessRefusal | SignatureRefusal, door: string, ip: string): Promise<void> {
    if ((await this.rates.take(`audit:${ip}`, WRITTEN_PER_MINUTE, 60)) > 0) return;
    await this.audit
      .record({ actor: 'anonymous', action: 'token.refused', target: `door:${door}`, ip, details: { refusal } })
      .catch((error: unknown) => this.logger.warn({ err: error }, 'refusal not audited'));
  }
}
