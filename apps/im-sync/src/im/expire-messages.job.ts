import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ImUpkeepRepository } from '#entities';
import { AppLogger } from '#platform';

const MINUTE_MS = 60 * 1000;
/** Rows of one bounded delete. */
const AT_A_TIME = 5_000;

/** Removes expired messages. No call sees them any more: when exactly they go matters to nobody. */
@Injectable()
export class ExpireMessagesJob {
  private isRunning = false;

  constructor(
    private readonly messages: ImUpkeepRepository,
    private readonly logger: AppLogger,
  ) {}

  @Interval(MINUTE_MS)
  async everyMinute(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      let gone: Map<string, number>;
      do gone = await this.messages.dropStale(AT_A_TIME);
      while ([...gone.values()].includes(AT_A_TIME));
    } catch (error) {
      this.logger.warn({ err: error }, 'expired instant messages could not be removed, next try in a minute');
    } finally {
      this.isRunning = false;
    }
  }
}
