import { Injectable } from '@nestjs/common';
import { Database } from '#entities';
import { HealthRegistry } from '#platform';

/** A gateway without its database can accept nothing. */
@Injectable()
export class DatabaseHealth {
  constructor(database: Database, health: HealthRegistry) {
    health.register('database', async () => {
      await database.query('SELECT 1');
      return { ok: true };
    });
  }
}
