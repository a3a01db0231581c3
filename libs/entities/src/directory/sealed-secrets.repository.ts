import { Injectable } from '@nestjs/common';
import type { SealedSecret, SealedSecrets } from '#contracts';
import { Database } from '../connection/database.js';

/** The secrets that a center cannot work without. Emptied ones (of a lost key) are passed over. */
@Injectable()
export class SealedSecretsRepository implements SealedSecrets {
  constructor(private readonly database: Database) {}

  /** Places as those name them who seal: `ClientAppSecrets` of the gateway, `AccountSecrets` of libs/providers. */
  newest(): Promise<SealedSecret[]> {
    return this.database.query<{ sealed: Buffer; place: string }>(
      `(SELECT secret AS sealed, 'client_app.secret:' || app_id AS place
          FROM client_app WHERE secret <> '' ORDER BY created_at DESC LIMIT 100)
       UNION ALL
       (SELECT secrets, 'provider_account.secrets:' || channel || ':' || id
          FROM provider_account WHERE secrets <> '' ORDER BY updated_at DESC LIMIT 100)`,
    );
  }
}
