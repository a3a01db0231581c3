import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

@Injectable()
export class OrgUnitLookup {
  constructor(private readonly database: Database) {}

  /** The first of these codes that does not exist; null when all do. */
  async unknownAmong(codes: readonly string[]): Promise<string | null> {
    const [row] = await this.database.query<{ code: string }>(
      `SELECT c AS code FROM unnest($1::text[]) AS c
        WHERE NOT EXISTS (SELECT FROM org_unit o WHERE o.code = c COLLATE "C") LIMIT 1`,
      [codes],
    );
    return row?.code ?? null;
  }
}
