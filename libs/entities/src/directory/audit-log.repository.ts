import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  action: string;
  target: string;
  ip: string | null;
  details: Record<string, unknown>;
}

export interface AuditFilter {
  actor?: string;
  action?: string;
}

/** Reads what was done, newest first. */
@Injectable()
export class AuditLogRepository {
  constructor(private readonly database: Database) {}

  /** @param beforeId null: from the newest */
  list(filter: AuditFilter, beforeId: number | null, limit: number): Promise<AuditRow[]> {
    return this.database.query<AuditRow>(
      `SELECT id, at, actor, action, target, ip, details FROM audit_log
        WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR actor = $2) AND ($3::text IS NULL OR action = $3)
        ORDER BY id DESC LIMIT $4`,
      [beforeId, filter.actor ?? null, filter.action ?? null, limit],
    );
  }
}
