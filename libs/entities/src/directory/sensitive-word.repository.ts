import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { AuditedChange } from '../connection/audited-change.js';
import { SensitiveWordEntity } from '../entities/sensitive-word.entity.js';
import type { AuditEntry } from './audit.repository.js';

export interface WordLists {
  words: string[];
  /** Words that are let through although they hold one of the others. */
  allowed: string[];
}

/** The word list and its allow-list. A word stands in one of them: the later writing wins. */
@Injectable()
export class SensitiveWordRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly change: AuditedChange,
  ) {}

  async lists(): Promise<WordLists> {
    const rows = await this.dataSource.getRepository(SensitiveWordEntity).find({ order: { word: 'ASC' } });
    const pick = (isAllowed: boolean): string[] =>
      rows.filter((row) => row.isAllowed === isAllowed).map((row) => row.word);
    return { words: pick(false), allowed: pick(true) };
  }

  async add({ words, allowed }: WordLists, entry: AuditEntry): Promise<void> {
    await this.change.run(entry, 'sensitive_word', async (_manager, tx) => {
      await tx.query(
        `INSERT INTO sensitive_word AS s (word, is_allowed)
         SELECT w, bool_or(a) FROM (
           SELECT w, false AS a FROM unnest($1::text[]) w UNION ALL SELECT w, true FROM unnest($2::text[]) w) x
          GROUP BY w ORDER BY w
         ON CONFLICT (word) DO UPDATE SET is_allowed = excluded.is_allowed`,
        [words, allowed],
      );
      return true;
    });
  }

  /** From whichever list. Answers how many there were. */
  async remove(words: readonly string[], entry: AuditEntry): Promise<number> {
    const removed = await this.change.run(entry, 'sensitive_word', async (manager) => {
      const { affected } = await manager.delete(SensitiveWordEntity, { word: In([...words]) });
      return affected ? affected : null;
    });
    return removed ?? 0;
  }
}
