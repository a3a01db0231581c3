import type { ImRange } from '#entities';

/** All pages together, in characters; an empty one still takes room. */
const MAX_SIZE = 32 * 1024 * 1024;
/** Larger ones are read each time: a few of them would push out all others. */
const MAX_PAGE = 64 * 1024;
const OVERHEAD = 200;

export interface ImPage {
  /** Messages in it. */
  found: number;
  /** There would have been more, too large for one answer. */
  isCut: boolean;
  /** Its messages as the door shows them, comma between them. */
  json: string;
}

export interface KnownPage {
  page: ImPage;
  /** Of its channel when it was read. */
  lastSeq: number;
}

/** The pages asked for last, up to a size. */
export class PageCache {
  private readonly pages = new Map<string, KnownPage>();
  private size = 0;

  find(channelKey: number, range: ImRange): KnownPage | undefined {
    const name = nameOf(channelKey, range);
    const known = this.pages.get(name);
    if (!known) return undefined;
    this.pages.delete(name);
    this.pages.set(name, known); // now the youngest
    return known;
  }

  keep(channelKey: number, range: ImRange, known: KnownPage): void {
    if (known.page.json.length > MAX_PAGE) return;
    const name = nameOf(channelKey, range);
    this.drop(name);
    this.pages.set(name, known);
    this.size += sizeOf(known);
    for (const oldest of this.pages.keys()) {
      if (this.size <= MAX_SIZE) return;
      this.drop(oldest);
    }
  }

  private drop(name: string): void {
    const known = this.pages.get(name);
    if (!known) return;
    this.pages.delete(name);
    this.size -= sizeOf(known);
  }
}

const sizeOf = ({ page }: KnownPage): number => page.json.length + OVERHEAD;

const nameOf = (channelKey: number, { from, to, limit, isNewest }: ImRange): string =>
  `${channelKey} ${from} ${to ?? ''} ${limit} ${isNewest ? 'newest' : 'oldest'}`;
