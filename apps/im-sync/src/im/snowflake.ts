/** 2010-11-04, as the server whose ids these are counts. */
const EPOCH_MS = 1_288_834_974_657;
const STEPS = 4096;

/**
 * 64-bit ids of one node: 41 bits of milliseconds, 10 of the node, 12 of a step. Strictly increasing within a process, also
 * where its clock goes back or more are taken than a millisecond has.
 */
export class Snowflake {
  private ms = 0;
  private step = STEPS;

  /** @param nodeId 0 to 1023, of nobody else at the same time */
  constructor(private readonly nodeId: number) {}

  /** The millisecond of the last id; may be some ahead of the clock. */
  get lastMs(): number {
    return this.ms;
  }

  /** Decimal. @param nowMs epoch ms */
  take(count: number, nowMs: number): string[] {
    const ids: string[] = [];
    while (ids.length < count) {
      this.turnTo(Math.floor(nowMs));
      const first = (BigInt(this.ms - EPOCH_MS) << 22n) | BigInt(this.nodeId << 12);
      const end = Math.min(STEPS, this.step + count - ids.length);
      for (; this.step < end; this.step++) ids.push((first | BigInt(this.step)).toString());
    }
    return ids;
  }

  private turnTo(nowMs: number): void {
    if (nowMs <= this.ms && this.step < STEPS) return;
    this.ms = Math.max(nowMs, this.ms + 1);
    this.step = 0;
  }
}
