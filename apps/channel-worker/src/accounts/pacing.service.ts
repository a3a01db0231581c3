import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { RateWindowRepository } from '#entities';
import type { OpenAccount } from './accounts.service.js';

/** Keeps an account within its calls per second, over all replicas together. */
@Injectable()
export class Pacing implements OnModuleDestroy {
  private readonly stop = new AbortController();

  constructor(private readonly windows: RateWindowRepository) {}

  onModuleDestroy(): void {
    this.stop.abort();
  }

  /**
   * Waits until the account may take at least one more delivery; answers how many of `wanted`. 0: this process is
   * ending, what was not sent goes back. The caller's lease is renewed meanwhile.
   */
  async take({ id, perSecond }: OpenAccount, wanted: number): Promise<number> {
    if (perSecond === null) return wanted;
    while (!this.stop.signal.aborted) {
      const { granted, endsInMs } = await this.windows.lease(
        `account:${id}`,
        perSecond,
        1,
        Math.min(wanted, perSecond),
      );
      if (granted > 0) return granted;
      await this.pause(endsInMs);
    }
    return 0;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.stop.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.stop.signal.addEventListener('abort', end);
    });
  }
}
