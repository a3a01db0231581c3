import { Injectable } from '@nestjs/common';
import { AuditedChange } from '../connection/audited-change.js';
import { Database } from '../connection/database.js';
import type { AuditEntry } from './audit.repository.js';

/** A template of a WeChat public account. */
export interface PublicAccountTemplate {
  templateId: string;
  title: string;
  primaryIndustry: string;
  deputyIndustry: string;
  /** With its placeholders, e.g. `状态：{{phrase1.DATA}}`. */
  content: string;
  example: string;
}

const SELECT = `
SELECT template_id AS "templateId", title, primary_industry AS "primaryIndustry", deputy_industry AS "deputyIndustry", content, example
  FROM public_account_template`;

const STORE = `
INSERT INTO public_account_template (public_id, template_id, title, primary_industry, deputy_industry, content, example)
SELECT $1, t."templateId", t.title, t."primaryIndustry", t."deputyIndustry", t.content, t.example
  FROM jsonb_to_recordset($2::jsonb) AS t("templateId" text, title text, "primaryIndustry" text, "deputyIndustry" text,
       content text, example text)
ON CONFLICT (public_id, template_id) DO UPDATE SET title = excluded.title, primary_industry = excluded.primary_industry,
  deputy_industry = excluded.deputy_industry, content = excluded.content, example = excluded.example`;

/** The center's copy of the templates that live in public accounts. */
@Injectable()
export class PublicAccountTemplateRepository {
  constructor(
    private readonly database: Database,
    private readonly change: AuditedChange,
  ) {}

  list(publicId: string): Promise<PublicAccountTemplate[]> {
    return this.database.query<PublicAccountTemplate>(`${SELECT} WHERE public_id = $1 ORDER BY template_id`, [
      publicId,
    ]);
  }

  async find(publicId: string, templateId: string): Promise<PublicAccountTemplate | null> {
    const [row] = await this.database.query<PublicAccountTemplate>(
      `${SELECT} WHERE public_id = $1 AND template_id = $2`,
      [publicId, templateId],
    );
    return row ?? null;
  }

  /** Takes over what the account has now; templates that are not named are gone. False: the account is gone meanwhile. */
  async replace(publicId: string, templates: readonly PublicAccountTemplate[], entry: AuditEntry): Promise<boolean> {
    const done = await this.change.run(entry, null, async (_manager, tx) => {
      const known = await tx.query(
        'UPDATE public_account SET templates_synced_at = now() WHERE public_id = $1 RETURNING public_id',
        [publicId],
      );
      if (known.length === 0) return null;
      await tx.query('DELETE FROM public_account_template WHERE public_id = $1', [publicId]);
      await tx.query(STORE, [publicId, JSON.stringify(templates)]);
      return true;
    });
    return done !== null;
  }

  /** Adds or replaces one. The account must exist. */
  async put(publicId: string, template: PublicAccountTemplate, entry: AuditEntry): Promise<void> {
    await this.change.run(entry, null, (_manager, tx) => tx.query(STORE, [publicId, JSON.stringify([template])]));
  }
}
