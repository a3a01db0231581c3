import { Controller, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { QUEUES, ReceiptArrivedV1 } from '#contracts';
import { ReceiptRepository } from '#entities';
import { Consume } from '#messaging';
import { AppLogger } from '#platform';
import { FoldService } from '../counters/fold.service.js';

const LOOK_EVERY_MS = 500;
const AT_A_TIME = 1000;

/** Matches receipts to deliveries when they come due. */
@Controller()
export class ReceiptsJob implements OnApplicationShutdown {
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly receipts: ReceiptRepository,
    private readonly folding: FoldService,
    private readonly logger: AppLogger,
  ) {}

  @Consume(QUEUES.receiptArrived, ReceiptArrivedV1)
  handle(): void {
    this.look();
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    if (this.isStopped) return;
    this.running ??= this.run()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'receipts not matched, next try soon'))
      .finally(() => (this.running = undefined));
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const matched = await this.receipts.matchDue(AT_A_TIME);
      if (matched > 0) this.folding.ring();
      if (matched < AT_A_TIME) return;
    }
  }
}
