import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ImUpkeepRepository, RelayUpkeepRepository } from '#entities';
import { AppLogger } from '#platform';

const MINUTE_MS = 60 * 1000;
/** Rows of one bounded delete: those of messages in channels are larger. */
const IM_AT_A_TIME = 5_000;
const RELAY_AT_A_TIME = 10_000;

/** Removes expired messages and what goes with them. No call sees them any more: when exactly they go matters to nobody. */
@Injectable()
export class DropStaleJob {
  private isRunning = false;

  constructor(
    private readonly im: ImUpkeepRepository,
    private readonly relay: RelayUpkeepRepository,
    private readonly logger: AppLogger,
  ) {}

  @Interval(MINUTE_MS)
  async everyMinute(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    await Promise.all([this.drop('im', this.im, IM_AT_A_TIME), this.drop('relay', this.relay, RELAY_AT_A_TIME)]);
    this.isRunning = false;
  }

  private async drop(what: string, from: Pick<ImUpkeepRepository, 'dropStale'>, limitPerTable: number): Promise<void> {
    try {
      let gone: Map<string, number>;
      do gone = await from.dropStale(limitPerTable);
      while ([...gone.values()].includes(limitPerTable));
    } catch (error) {
      this.logger.warn({ err: error, what }, 'expired messages could not be removed, next try in a minute');
    }
  }
}
