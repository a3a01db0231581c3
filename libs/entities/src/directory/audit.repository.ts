import { Injectable } from '@nestjs/common';
import { Database, type Sql } from '../connection/database.js';

export interface AuditEntry {
  /** `admin`, `app:<appId>` or `anonymous`. */
  actor: string;
  /** What was done, e.g. `client-app.create`, `token.refused`. */
  action: string;
  target?: string;
  ip?: string | null;
  /** Never a secret, never a person's data. */
  details?: Record<string, unknown>;
}

@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  async record(entry: AuditEntry, tx: Sql = this.database): Promise<void> {
    await tx.query('INSERT INTO audit_log (actor, action, target, ip, details) VALUES ($1, $2, $3, $4, $5)', [
      entry.actor,
      entry.action,
      entry.target ?? '',
      entry.ip ?? null,
      JSON.stringify(entry.details ?? {}),
    ]);
  }
}
