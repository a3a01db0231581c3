import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { AuditedChange } from '../connection/audited-change.js';
import { OrgUnitEntity } from '../entities/org-unit.entity.js';
import type { AuditEntry } from './audit.repository.js';

export interface OrgUnitRow {
  code: string;
  name: string;
  parent: string | null;
}

/** Serialises changes of the tree: two moves that are harmless alone may close a cycle together. The number is only ours. */
const TREE_LOCK = 0x6d636f75;

@Injectable()
export class OrgUnitRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly change: AuditedChange,
  ) {}

  find(code: string): Promise<OrgUnitRow | null> {
    return this.repository.findOneBy({ code });
  }

  list(afterCode: string, limit: number): Promise<OrgUnitRow[]> {
    return this.repository.find({ where: { code: MoreThan(afterCode) }, order: { code: 'ASC' }, take: limit });
  }

  /** Creates or replaces, unless the parent is missing or lies below the unit itself. */
  async put(unit: OrgUnitRow, entry: AuditEntry): Promise<'stored' | 'parent-unknown' | 'cycle'> {
    let refusal: 'parent-unknown' | 'cycle' | undefined;
    await this.change.run(entry, null, async (manager, tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [TREE_LOCK]);
      if (unit.parent !== null) {
        const above = await tx.query<{ code: string }>(
          `WITH RECURSIVE above AS (
             SELECT code, parent FROM org_unit WHERE code = $1
             UNION SELECT o.code, o.parent FROM org_unit o JOIN above a ON o.code = a.parent
           ) SELECT code FROM above`,
          [unit.parent],
        );
        if (unit.parent === unit.code || above.some((row) => row.code === unit.code)) refusal = 'cycle';
        else if (above.length === 0) refusal = 'parent-unknown';
        if (refusal) return null;
      }
      await manager.upsert(OrgUnitEntity, { ...unit, updatedAt: () => 'now()' }, ['code']);
      return true;
    });
    return refusal ?? 'stored';
  }

  /** A unit that has children stays. */
  async remove(code: string, entry: AuditEntry): Promise<'removed' | 'unknown' | 'has-children'> {
    let answer: 'removed' | 'unknown' | 'has-children' = 'unknown';
    await this.change.run(entry, null, async (manager, tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [TREE_LOCK]);
      if (await manager.existsBy(OrgUnitEntity, { parent: code })) answer = 'has-children';
      else if ((await manager.delete(OrgUnitEntity, { code })).affected) answer = 'removed';
      return answer === 'removed' ? true : null;
    });
    return answer;
  }

  private get repository() {
    return this.dataSource.getRepository(OrgUnitEntity);
  }
}
