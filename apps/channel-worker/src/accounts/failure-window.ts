const WINDOW_S = 30;
/** In the window: so many calls of which so many failed are no accident. */
const LEAST_CALLS = 20;
const FAILING_RATIO = 0.5;
const IN_A_ROW = 10;
/**
 * What one send counts for at most: with one interface a batch is one call, with another one call each, and neither should
 * open the circuit by a single hiccup.
 */
const MOST_CALLS_OF_A_SEND = 4;

/** The sends of one second. */
interface Counted {
  second: number;
  calls: number;
  failures: number;
}

/** How the calls of one account went lately, in this process. */
export class FailureWindow {
  private seconds: Counted[] = [];
  private inARow = 0;

  /**
   * One send of a batch. True: enough failed for the circuit to open; counting begins anew.
   * @param nowMs of a clock that never jumps
   */
  add(nowMs: number, worked: number, failed: number): boolean {
    const total = worked + failed;
    if (total === 0) return false;
    const calls = Math.min(total, MOST_CALLS_OF_A_SEND);
    const failures = (calls * failed) / total;
    this.count(Math.floor(nowMs / 1000), calls, failures);
    this.inARow = worked === 0 ? this.inARow + calls : 0;
    const isTripped = this.inARow >= IN_A_ROW || this.isFailing();
    if (isTripped) this.forget();
    return isTripped;
  }

  private forget(): void {
    this.seconds = [];
    this.inARow = 0;
  }

  private count(second: number, calls: number, failures: number): void {
    this.seconds = this.seconds.filter((old) => old.second > second - WINDOW_S);
    const last = this.seconds.at(-1);
    if (last?.second === second) {
      last.calls += calls;
      last.failures += failures;
    } else this.seconds.push({ second, calls, failures });
  }

  private isFailing(): boolean {
    const calls = this.seconds.reduce((sum, one) => sum + one.calls, 0);
    const failures = this.seconds.reduce((sum, one) => sum + one.failures, 0);
    return calls >= LEAST_CALLS && failures >= calls * FAILING_RATIO;
  }
}
