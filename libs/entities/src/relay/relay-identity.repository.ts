import { Injectable } from '@nestjs/common';
import type { RelayRole } from '#contracts';
import { AuditedChange } from '../connection/audited-change.js';
import { Database } from '../connection/database.js';
import type { AuditEntry } from '../directory/audit.repository.js';
import { GIVEN_CALLER, type RelayCaller } from './relay-calls.js';

export interface RelayIdentityRow {
  md5Id: string;
  role: RelayRole;
  name: string;
  adminKey: string | null;
  rateExempt: boolean;
  createdAt: Date;
}

export interface NewRelayIdentity extends Omit<RelayIdentityRow, 'createdAt'> {
  /** SHA-256 of the token. */
  tokenHash: Buffer;
}

/** Who takes part in the relay. */
@Injectable()
export class RelayIdentityRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
  ) {}

  /** Those that were new, by `md5Id`: one that exists is left as it is. */
  async create(identities: readonly NewRelayIdentity[], entry: AuditEntry): Promise<Set<string>> {
    const column = <K extends keyof NewRelayIdentity>(name: K): NewRelayIdentity[K][] => identities.map((i) => i[name]);
    const created = await this.change.run(entry, null, async (_manager, tx) => {
      const rows = await tx.query<{ md5_id: string }>(
        `INSERT INTO relay_identity (md5_id, token_hash, role, name, admin_key, rate_exempt)
         SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::text[], $5::text[], $6::boolean[])
          ORDER BY 1 ON CONFLICT (md5_id) DO NOTHING RETURNING md5_id`,
        [
          column('md5Id'),
          column('tokenHash'),
          column('role'),
          column('name'),
          column('adminKey'),
          column('rateExempt'),
        ],
      );
      return rows.length === 0 ? null : rows;
    });
    return new Set(created?.map((row) => row.md5_id));
  }

  /** In the order of their ids. @param after the last one of the page before; empty: from the first */
  list(after: string, limit: number): Promise<RelayIdentityRow[]> {
    return this.database.query<RelayIdentityRow>(
      `SELECT md5_id AS "md5Id", role, name, admin_key AS "adminKey", rate_exempt AS "rateExempt", created_at AS "createdAt"
         FROM relay_identity WHERE md5_id > $1 ORDER BY md5_id LIMIT $2`,
      [after, limit],
    );
  }

  /** Whether the token opens the relay. */
  async opens({ caller, tokenHash, isStranger }: RelayCaller): Promise<boolean> {
    const [call] = await this.database.query<{ opens: boolean }>(
      GIVEN_CALLER,
      [caller, tokenHash, isStranger],
      'relay_opens',
    );
    return call?.opens ?? false;
  }

  /** With his mailbox, his black list and what he may answer. False when there is none. */
  async remove(md5Id: string, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, null, async (_manager, tx) => {
      const rows = await tx.query('DELETE FROM relay_identity WHERE md5_id = $1 RETURNING 1', [md5Id]);
      if (rows.length === 0) return null;
      await tx.query('DELETE FROM relay_message WHERE receiver = $1', [md5Id]);
      await tx.query('DELETE FROM relay_contact WHERE owner = $1', [md5Id]);
      await tx.query('DELETE FROM relay_block WHERE owner = $1', [md5Id]);
      await tx.query('DELETE FROM relay_pull WHERE reader = $1', [md5Id]);
      return true;
    });
    return done !== null;
  }
}
