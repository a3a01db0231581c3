import { Injectable } from '@nestjs/common';
import { AuditedChange } from '../connection/audited-change.js';
import { Database } from '../connection/database.js';
import type { AuditEntry } from './audit.repository.js';

export interface TemplateFields {
  name: string;
  params: string[];
  /** Per channel. */
  content: Record<string, object>;
}

export interface TemplateRow extends TemplateFields {
  /** Empty: the administrator's, shared by every app. */
  appId: string;
  code: string;
  version: number;
  createdAt: Date;
}

const SELECT = `
SELECT t.app_id AS "appId", t.code, v.version, v.name, v.params, v.content, v.created_at AS "createdAt"
  FROM template t JOIN template_version v ON v.id = t.current_version_id
 WHERE t.deleted_at IS NULL`;

/** Templates as their owners manage them. Versions are only ever added: accepted messages are pinned to theirs. */
@Injectable()
export class TemplateAdminRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
  ) {}

  async find(appId: string, code: string): Promise<TemplateRow | null> {
    const [row] = await this.database.query<TemplateRow>(`${SELECT} AND t.app_id = $1 AND t.code = $2`, [appId, code]);
    return row ?? null;
  }

  list(appId: string, afterCode: string, limit: number): Promise<TemplateRow[]> {
    return this.database.query<TemplateRow>(`${SELECT} AND t.app_id = $1 AND t.code > $2 ORDER BY t.code LIMIT $3`, [
      appId,
      afterCode,
      limit,
    ]);
  }

  /** Makes the next version and puts it in force. */
  async put(appId: string, code: string, fields: TemplateFields, entry: AuditEntry): Promise<void> {
    await this.change.run(entry, 'template', async (_manager, tx) => {
      const [template] = await tx.query<{ id: number }>(
        `INSERT INTO template (app_id, code) VALUES ($1, $2)
         ON CONFLICT (app_id, code) WHERE deleted_at IS NULL DO UPDATE SET code = excluded.code RETURNING id`,
        [appId, code],
      );
      await tx.query(
        `WITH made AS (
           INSERT INTO template_version (template_id, version, name, params, content)
           SELECT $1, coalesce(max(version), 0) + 1, $2, $3::text[], $4::jsonb FROM template_version WHERE template_id = $1
           RETURNING id
         ) UPDATE template SET current_version_id = (SELECT id FROM made) WHERE id = $1`,
        [template?.id, fields.name, fields.params, JSON.stringify(fields.content)],
      );
    });
  }

  async remove(appId: string, code: string, entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, 'template', async (_manager, tx) => {
      const rows = await tx.query(
        'UPDATE template SET deleted_at = now() WHERE app_id = $1 AND code = $2 AND deleted_at IS NULL RETURNING id',
        [appId, code],
      );
      return rows.length === 0 ? null : true;
    });
    return done !== null;
  }
}
