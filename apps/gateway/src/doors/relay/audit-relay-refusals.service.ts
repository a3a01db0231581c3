import { Injectable } from '@nestjs/common';
import { RelayIdentityRepository } from '#entities';
import { AppLogger } from '#platform';
import { AuditRefusals } from '../../access/audit-refusals.service.js';
import { RelayNotAllowedError, RelayTokenError } from './relay.codes.js';

/** Keeps refused tokens of the door in the audit log: its answer, 003, is the one of anything that is wrong with a call. */
@Injectable()
export class AuditRelayRefusals {
  constructor(
    private readonly refusals: AuditRefusals,
    private readonly identities: RelayIdentityRepository,
    private readonly logger: AppLogger,
  ) {}

  /** Never throws: what the caller is told does not depend on it. @param error why the call was refused */
  async record(error: unknown, ip: string): Promise<void> {
    if (error instanceof RelayTokenError) return this.refusals.record(error.refusal, 'relay', ip);
    if (error instanceof RelayNotAllowedError && (await this.isUnknown(error))) {
      await this.refusals.record('unknown', 'relay', ip);
    }
  }

  /** Whoever answers a call says that it is refused, not why: asked only then, so that calls that are let in cost nothing more. */
  private async isUnknown({ caller }: RelayNotAllowedError): Promise<boolean> {
    try {
      return !(await this.identities.opens(caller));
    } catch (error) {
      this.logger.warn({ err: error }, 'refusal not audited');
      return false;
    }
  }
}
