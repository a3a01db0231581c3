export interface WakeLoopOptions {
  /** One pass. True: there may be more, pass again at once. */
  pass(): Promise<boolean>;
  /** A pass failed; the loop rests until it is woken again. */
  onError(error: unknown): void;
}

/**
 * Runs passes one at a time, whenever it is woken. A wake during a pass is not lost: another pass follows, unless that
 * one fails. For jobs that are rung by doorbells and by a timer alike: after a failure the timer is soon enough.
 */
export class WakeLoop {
  private running: Promise<void> | undefined;
  private isWoken = false;
  private isStopped = false;

  constructor(private readonly options: WakeLoopOptions) {}

  wake(): void {
    this.isWoken = true;
    if (this.isStopped) return;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.isWoken) this.wake(); // woken after the last look at the flag
    });
  }

  /** No further pass; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.isWoken && !this.isStopped) {
      this.isWoken = false;
      try {
        if (await this.options.pass()) this.isWoken = true;
      } catch (error) {
        this.isWoken = false;
        this.options.onError(error);
      }
    }
  }
}
