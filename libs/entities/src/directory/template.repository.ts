import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Fields of a template's content for one channel, e.g. `{title, text}`. */
export type ChannelContent = Record<string, string>;

/** The version of a template that a message accepted now is pinned to. */
export interface CurrentTemplate {
  version_id: number;
  params: string[];
  content: Record<string, ChannelContent>;
}

@Injectable()
export class TemplateRepository {
  constructor(private readonly database: Database) {}

  /** The app's own template of this code, else the administrator's; null when there is neither. */
  async findCurrent(appId: string, code: string): Promise<CurrentTemplate | null> {
    const [row] = await this.database.query<CurrentTemplate>(
      `SELECT v.id AS version_id, v.params, v.content
         FROM template t JOIN template_version v ON v.id = t.current_version_id
        WHERE t.code = $2 AND t.app_id IN ('', $1) AND t.deleted_at IS NULL ORDER BY t.app_id DESC LIMIT 1`,
      [appId, code],
      'find_template',
    );
    return row ?? null;
  }
}
