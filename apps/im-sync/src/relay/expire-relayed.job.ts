import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { RelayUpkeepRepository } from '#entities';
import { AppLogger } from '#platform';

const MINUTE_MS = 60 * 1000;
/** Rows of one bounded delete. */
const AT_A_TIME = 10_000;

/** Removes expired messages and what goes with them. No call sees them any more: when exactly they go matters to nobody. */
@Injectable()
export class ExpireRelayedJob {
  private isRunning = false;

  constructor(
    private readonly relay: RelayUpkeepRepository,
    private readonly logger: AppLogger,
  ) {}

  @Interval(MINUTE_MS)
  async everyMinute(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    try {
      let gone: Map<string, number>;
      do gone = await this.relay.dropStale(AT_A_TIME);
      while ([...gone.values()].includes(AT_A_TIME));
    } catch (error) {
      this.logger.warn({ err: error }, 'expired relay messages could not be removed, next try in a minute');
    } finally {
      this.isRunning = false;
    }
  }
}
