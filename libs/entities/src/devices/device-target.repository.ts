import { Injectable } from '@nestjs/common';
import type { DeviceAudience } from '#contracts';
import { Database } from '../connection/database.js';

/** Whether there is anybody to push to, before a push is accepted. */
@Injectable()
export class DeviceTargetRepository {
  constructor(private readonly database: Database) {}

  /**
   * One of the named devices is registered, for tests or not (in test mode the report says which is none), or one of the users or
   * org units exists.
   * @param appId devices of other apps count as unknown
   */
  async isAnyKnown({ tokens = [], users = [], orgUnits = [] }: DeviceAudience, appId: string): Promise<boolean> {
    const [row] = await this.database.query<{ is_known: boolean }>(
      `SELECT EXISTS (SELECT FROM device d WHERE d.token = ANY($1::text[]) AND d.app_id IN ('', $4))
           OR EXISTS (SELECT FROM device d WHERE d.user_id = ANY($2::text[]) AND d.app_id IN ('', $4))
           OR EXISTS (SELECT FROM recipient r WHERE r.user_id = ANY($2::text[]))
           OR EXISTS (SELECT FROM org_unit o WHERE o.code = ANY($3::text[])) AS is_known`,
      [tokens, users, orgUnits, appId],
      'is_any_target_known',
    );
    return row?.is_known ?? false;
  }
}
