import { DatabaseAwayError } from '#entities';

/** A caller hears within 2 s that nobody is there. */
export const WITHIN_MS = 1_800;

/** How long a caller is kept waiting for the database, from now on. One that is silent would keep him for half a minute. */
export class Patience {
  private readonly until: number;

  constructor(private readonly ms: number = WITHIN_MS) {
    this.until = performance.now() + ms;
  }

  /** At least 1. */
  get leftMs(): number {
    return Math.max(1, this.until - performance.now());
  }

  /**
   * The answer, if it comes in time; else it is left to itself, and whatever becomes of it is heard by nobody.
   * @throws DatabaseAwayError it did not come in time
   */
  async with<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooLate(this.ms)), this.leftMs);
    });
    try {
      return await Promise.race([answer, over]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const tooLate = (ms: number): DatabaseAwayError =>
  new DatabaseAwayError(new Error(`the database did not answer the call within ${ms} ms`));
