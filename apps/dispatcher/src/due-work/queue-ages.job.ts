import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { OUTGOING_CHANNELS } from '#contracts';
import { WorkRepository } from '#entities';
import { AppLogger, Metrics } from '#platform';

const EVERY_MS = 5_000;

/** Shows how long the oldest due work of each channel waits. */
@Injectable()
export class QueueAgesJob {
  constructor(
    private readonly work: WorkRepository,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  @Interval(EVERY_MS)
  async look(): Promise<void> {
    try {
      const ages = await this.work.queueAges();
      for (const channel of OUTGOING_CHANNELS) this.metrics.queueAge.set({ channel }, ages.get(channel) ?? 0);
    } catch (error) {
      this.logger.warn({ err: error }, 'ages of due work not read, looking again soon');
    }
  }
}
