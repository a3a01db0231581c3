import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { SensitiveWordMatcher, type SensitiveMatch } from '#content';
import { CatalogRepository, CatalogWatch } from '#entities';

/** Characters that are read before others have their turn: some milliseconds. */
const CHARACTERS_A_TURN = 100_000;
/** What the shortest text costs, in characters. */
const COST_OF_A_TEXT = 50;

/** The administrator's word list, compiled once per change. */
@Injectable()
export class SensitiveWords {
  /** Null: there are no words. */
  private matcher: Promise<SensitiveWordMatcher | null> | undefined;

  constructor(
    private readonly catalog: CatalogRepository,
    watch: CatalogWatch,
  ) {
    watch.onChange('sensitive_word', () => (this.matcher = undefined));
  }

  /** True when one of the texts holds a sensitive word. They are gathered, one by one, only where there are words at all. */
  async isIn(texts: () => Iterable<string>): Promise<boolean> {
    const matcher = await this.current();
    if (!matcher) return false;
    let readInTurn = 0;
    for (const text of texts()) {
      if (matcher.find(text)) return true;
      readInTurn += text.length + COST_OF_A_TEXT;
      if (readInTurn < CHARACTERS_A_TURN) continue;
      readInTurn = 0;
      await nextTurn();
    }
    return false;
  }

  /** For the administrator's eyes only: which words the text holds, and where. At most `limit`. */
  async matches(text: string, limit: number): Promise<SensitiveMatch[]> {
    return (await this.current())?.matches(text, limit) ?? [];
  }

  private current(): Promise<SensitiveWordMatcher | null> {
    this.matcher ??= this.build().catch((error: unknown) => {
      this.matcher = undefined;
      throw error;
    });
    return this.matcher;
  }

  private async build(): Promise<SensitiveWordMatcher | null> {
    const rows = await this.catalog.sensitiveWords();
    const [words, allowed] = [false, true].map((isAllowed) =>
      rows.filter((row) => row.is_allowed === isAllowed).map((row) => row.word),
    );
    return words?.length ? SensitiveWordMatcher.build(words, allowed) : null;
  }
}
