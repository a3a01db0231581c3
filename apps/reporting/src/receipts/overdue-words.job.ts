import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { StatusAnswerRepository, UplinkRepository } from '#entities';
import { AppLogger, WakeLoop } from '#platform';
import { FoldService } from '../counters/fold.service.js';

const LOOK_EVERY_MS = 2000;
const AT_A_TIME = 500;

/** What providers said too early, and what they never said: answers without a message yet, references whose time is over. */
@Injectable()
export class OverdueWordsJob implements OnApplicationShutdown {
  private readonly loop = new WakeLoop({
    pass: () => this.pass(),
    onError: (error) => this.logger.warn({ err: error }, 'overdue words of providers not settled, next try soon'),
  });

  constructor(
    private readonly uplinks: UplinkRepository,
    private readonly answers: StatusAnswerRepository,
    private readonly folding: FoldService,
    private readonly logger: AppLogger,
  ) {}

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  private async pass(): Promise<boolean> {
    await this.uplinks.attach();
    const ended = await this.answers.endOverdue(AT_A_TIME);
    if (ended > 0) this.folding.ring();
    return ended === AT_A_TIME;
  }
}
