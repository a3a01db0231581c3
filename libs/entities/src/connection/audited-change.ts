import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditRepository, type AuditEntry } from '../directory/audit.repository.js';
import { CatalogRepository, type CatalogTopic } from '../directory/catalog.repository.js';
import { CatalogWatch } from '../directory/catalog-watch.js';
import { sqlOn, type Sql } from './database.js';

/** A write by an administrator or an integrator: it, its audit line and the raised revision stand or fall together. */
@Injectable()
export class AuditedChange {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditRepository,
    private readonly catalog: CatalogRepository,
    private readonly watch: CatalogWatch,
  ) {}

  /**
   * One transaction. `null` from the body means that there was nothing to change: nothing is audited then.
   * @param topic the cached table that is written
   */
  async run<T>(
    entry: AuditEntry,
    topic: CatalogTopic | null,
    body: (manager: EntityManager, tx: Sql) => Promise<T>,
  ): Promise<T> {
    const result = await this.dataSource.transaction(async (manager) => {
      const tx = await sqlOf(manager);
      const changed = await body(manager, tx);
      if (changed !== null) {
        if (topic) await this.catalog.raise(tx, topic);
        await this.audit.record(entry, tx);
      }
      return changed;
    });
    // This replica sees its own change at once; the others within a second. The change stands whatever the look says.
    if (topic && result !== null) await this.watch.look().catch(() => undefined);
    return result;
  }
}

/** The connection that the manager's transaction runs on. */
async function sqlOf(manager: EntityManager): Promise<Sql> {
  const client = (await manager.queryRunner?.connect()) as pg.PoolClient;
  return sqlOn(client);
}
