/** Promises that are under way, so that a shutdown can wait for them. */
export class InFlight {
  private readonly running = new Set<Promise<unknown>>();

  get size(): number {
    return this.running.size;
  }

  /** `work` must not reject; `onEnd` is called when it no longer counts. */
  add(work: Promise<unknown>, onEnd?: () => void): void {
    this.running.add(work);
    void work.then(() => {
      this.running.delete(work);
      onEnd?.();
    });
  }

  /** Waits until nothing runs, at most this long; answers how many still run. */
  async drain(deadlineMs: number): Promise<number> {
    const giveUpAt = performance.now() + deadlineMs;
    while (this.running.size > 0 && performance.now() < giveUpAt) {
      await settledWithin(Promise.allSettled(this.running), giveUpAt - performance.now());
    }
    return this.running.size;
  }
}

/** True when the promise settled in time. Its outcome is not looked at; the timer never holds the process. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), false);
  });
  try {
    return await Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
