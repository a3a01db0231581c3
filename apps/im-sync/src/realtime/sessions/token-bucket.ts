/** Lets so many through in a second on average, and twice as many at once. */
export class TokenBucket {
  private left: number;
  private filledAtMs: number;

  constructor(
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.left = 2 * perSecond;
    this.filledAtMs = nowMs;
  }

  /** False: not now. */
  take(nowMs: number): boolean {
    const gained = ((nowMs - this.filledAtMs) * this.perSecond) / 1000;
    this.left = Math.min(2 * this.perSecond, this.left + Math.max(0, gained));
    this.filledAtMs = nowMs;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
