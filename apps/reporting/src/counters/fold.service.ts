import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { FoldRepository } from '#entities';
import { AppLogger, Metrics, failpoint } from '#platform';
import { CallbackService } from '../callbacks/callback.service.js';

/** Look for settlements this often, whether or not a doorbell rang. */
const LOOK_EVERY_MS = 500;
/** A doorbell that rings while folding waits this long: what settles meanwhile is folded together. */
const GATHER_MS = 20;

/** Settlements → counters, time series, callbacks. The rows are the feed; doorbells only make it prompt. */
@Injectable()
export class FoldService implements OnApplicationShutdown {
  private running: Promise<void> | undefined;
  private isRung = false;
  private isStopped = false;

  constructor(
    private readonly settlements: FoldRepository,
    private readonly callbacks: CallbackService,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  @Interval(LOOK_EVERY_MS)
  ring(): void {
    this.isRung = true;
    if (this.isStopped) return;
    this.running ??= this.run()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'fold failed, next try soon'))
      .finally(() => (this.running = undefined));
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.isRung && !this.isStopped) {
      this.isRung = false;
      const { folded, callbacks } = await this.settlements.fold();
      if (callbacks > 0) this.callbacks.wake();
      if (folded === 0) continue;
      failpoint('reporting.after-fold');
      this.metrics.batchSize.observe({ stage: 'fold' }, folded);
      this.isRung = true;
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    }
  }
}
