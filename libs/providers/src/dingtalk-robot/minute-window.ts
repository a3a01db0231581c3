const MINUTE_MS = 60_000;

/** How many calls of the last minute; keeps a robot from the ten minutes of silence that follow one call too many. */
export class MinuteWindow {
  private times: number[] = [];

  constructor(private readonly perMinute: number) {}

  /** Takes a place of the window: 0, or the ms until there is one. */
  take(nowMs: number): number {
    this.times = this.times.filter((at) => at > nowMs - MINUTE_MS);
    const [oldest] = this.times;
    if (this.times.length >= this.perMinute && oldest !== undefined) return Math.ceil(oldest + MINUTE_MS - nowMs);
    this.times.push(nowMs);
    return 0;
  }
}
