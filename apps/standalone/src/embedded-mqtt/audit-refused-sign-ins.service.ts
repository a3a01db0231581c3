import { Injectable } from '@nestjs/common';
import { AuditRepository } from '#entities';
import { AppLogger, UNKNOWN_IP, foldIp } from '#platform';

/** Refusals of one address that are written down per minute, as at the doors: a flood must not become a flood of inserts. */
const WRITTEN_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Addresses that are counted at a time; those beyond are counted together. */
const MAX_ADDRESSES = 20_000;

/** Keeps in the audit log who was not let in, within reason. There is one broker, so it counts by itself. */
@Injectable()
export class AuditRefusedSignIns {
  private readonly written = new Map<string, number>();
  private minute = 0;

  constructor(
    private readonly audit: AuditRepository,
    private readonly logger: AppLogger,
  ) {}

  /** @param address as the socket names it */
  async record(address: string | undefined): Promise<void> {
    const ip = foldIp(address ?? '') ?? UNKNOWN_IP;
    if (!this.mayWrite(ip)) return;
    await this.audit
      .record({ actor: 'anonymous', action: 'token.refused', target: 'door:mqtt', ip, details: { refusal: 'unknown' } })
      .catch((error: unknown) => this.logger.warn({ err: error }, 'refusal not audited'));
  }

  private mayWrite(ip: string): boolean {
    const minute = Math.floor(Date.now() / MINUTE_MS);
    if (minute !== this.minute) this.written.clear();
    this.minute = minute;
    const subject = this.written.has(ip) || this.written.size < MAX_ADDRESSES ? ip : UNKNOWN_IP;
    const count = this.written.get(subject) ?? 0;
    if (count >= WRITTEN_PER_MINUTE) return false;
    this.written.set(subject, count + 1);
    return true;
  }
}
