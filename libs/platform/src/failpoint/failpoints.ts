import { AppError } from '#contracts';

/** mulberry32: small, seeded, the same on every machine. For choosing crash points only, never for ids or secrets. */
function seededUnit(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Point {
  probability: number;
  next: () => number;
  /** Passes that are let through first. */
  skip: number;
}

/** Seeded crash points: the n-th pass of a point always ends the same way for the same specification. */
export class Failpoints {
  private readonly points: ReadonlyMap<string, Point>;

  /**
   * @param specification `name:probability:seed[:skip],…`, e.g. `after-commit:0.01:7:100`
   * @throws AppError `FAILPOINTS_SYNTAX` (invalid)
   */
  constructor(
    specification: string,
    private readonly crash: () => void,
  ) {
    this.points = new Map(specification.split(',').map(parsePoint));
  }

  pass(name: string): void {
    const point = this.points.get(name);
    if (!point) return;
    if (point.skip > 0) point.skip -= 1;
    else if (point.next() < point.probability) this.crash();
  }
}

function parsePoint(text: string): [string, Point] {
  const match = /^\s*([\w.-]+):(0(?:\.\d+)?|1(?:\.0+)?):(\d{1,9})(?::(\d{1,9}))?\s*$/.exec(text);
  const [, name, probability, seed, skip] = match ?? [];
  if (name === undefined || probability === undefined || seed === undefined) {
    throw new AppError(
      'FAILPOINTS_SYNTAX',
      'invalid',
      `FAILPOINTS is name:probability:seed[:skip],… but has "${text}".`,
    );
  }
  return [name, { probability: Number(probability), next: seededUnit(Number(seed)), skip: Number(skip ?? 0) }];
}
