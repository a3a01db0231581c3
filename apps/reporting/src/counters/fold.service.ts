import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { FoldRepository } from '#entities';
import { AppLogger, Metrics, WakeLoop, failpoint } from '#platform';
import { CallbackService } from '../callbacks/callback.service.js';

/** Look for settlements this often, whether or not a doorbell rang. */
const LOOK_EVERY_MS = 500;
/** Pause between two folds: what settles meanwhile is folded together. */
const GATHER_MS = 20;

/** Settlements → counters, time series, callbacks. The rows are the feed; doorbells only make it prompt. */
@Injectable()
export class FoldService implements OnApplicationShutdown {
  private readonly loop = new WakeLoop({
    pass: () => this.fold(),
    onError: (error) => this.logger.warn({ err: error }, 'fold failed, next try soon'),
  });

  constructor(
    private readonly settlements: FoldRepository,
    private readonly callbacks: CallbackService,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  @Interval(LOOK_EVERY_MS)
  ring(): void {
    this.loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private async fold(): Promise<boolean> {
    const { folded, callbacks } = await this.settlements.fold();
    if (callbacks > 0) this.callbacks.wake();
    if (folded === 0) return false;
    failpoint('reporting.after-fold');
    this.metrics.batchSize.observe({ stage: 'fold' }, folded);
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    return true;
  }
}
