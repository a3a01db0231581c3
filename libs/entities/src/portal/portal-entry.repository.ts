import { Injectable } from '@nestjs/common';
import type { AuditEntry } from '../directory/audit.repository.js';
import { AuditedChange } from '../connection/audited-change.js';
import { Database } from '../connection/database.js';

export interface PortalEntry {
  userId: string;
  /** Path of the portal to go on to. */
  returnTo: string;
}

/** Seconds within which a one-time link has to be opened. */
export const ENTRY_TTL_S = 60;

/** One-time links that sign somebody in to the portal. */
@Injectable()
export class PortalEntryRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
  ) {}

  /** When it expires; null where there is no such user. */
  async create(codeHash: Buffer, { userId, returnTo }: PortalEntry, entry: AuditEntry): Promise<Date | null> {
    return this.change.run(entry, null, async (_manager, tx) => {
      const [row] = await tx.query<{ expires_at: Date }>(
        `INSERT INTO portal_entry (code_hash, user_id, return_to, expires_at)
         SELECT $1, user_id, $3, now() + interval '${ENTRY_TTL_S} seconds' FROM recipient WHERE user_id = $2
         RETURNING expires_at`,
        [codeHash, userId, returnTo],
      );
      return row?.expires_at ?? null;
    });
  }

  /** The code is spent by this; of two uses at the same moment one is answered. */
  async take(codeHash: Buffer): Promise<PortalEntry | null> {
    const [row] = await this.database.query<{ user_id: string; return_to: string }>(
      'DELETE FROM portal_entry WHERE code_hash = $1 AND expires_at > now() RETURNING user_id, return_to',
      [codeHash],
    );
    return row ? { userId: row.user_id, returnTo: row.return_to } : null;
  }
}
