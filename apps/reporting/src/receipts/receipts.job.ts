import { Controller, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { QUEUES, ReceiptArrivedV1 } from '#contracts';
import { ReceiptRepository } from '#entities';
import { Consume } from '#messaging';
import { AppLogger, Metrics, WakeLoop } from '#platform';
import { FoldService } from '../counters/fold.service.js';

const LOOK_EVERY_MS = 500;
const AT_A_TIME = 1000;

/** Matches receipts to deliveries when they come due. */
@Controller()
export class ReceiptsJob implements OnApplicationShutdown {
  private readonly loop = new WakeLoop({
    pass: () => this.match(),
    onError: (error) => this.logger.warn({ err: error }, 'receipts not matched, next try soon'),
  });

  constructor(
    private readonly receipts: ReceiptRepository,
    private readonly folding: FoldService,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  @Consume(QUEUES.receiptArrived, ReceiptArrivedV1)
  handle(): void {
    this.loop.wake();
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private async match(): Promise<boolean> {
    const { matched, arrivedLate } = await this.receipts.matchDue(AT_A_TIME);
    for (const channel of arrivedLate) this.metrics.crossChannelDuplicates.inc({ channel });
    if (matched > 0) this.folding.ring();
    return matched === AT_A_TIME;
  }
}
