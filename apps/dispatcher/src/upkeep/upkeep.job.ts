import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import {
  ClientAppRepository,
  Database,
  DatabaseClock,
  PartitionsRepository,
  RED_BELOW_WEEKS,
  TagRepository,
  UpkeepRepository,
} from '#entities';
import { AppLogger, HealthRegistry, RetentionConfig } from '#platform';

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Rows of one bounded delete. */
const AT_A_TIME = 10_000;

/** Keeps the tables in shape: partitions ahead, retention behind, what expired removed. Every step is safe in N replicas. */
@Injectable()
export class UpkeepJob implements OnApplicationBootstrap {
  private coveredUntilMs: number | null = null;

  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly partitions: PartitionsRepository,
    private readonly clientApps: ClientAppRepository,
    private readonly tags: TagRepository,
    private readonly leftovers: UpkeepRepository,
    private readonly retention: RetentionConfig,
    private readonly logger: AppLogger,
    health: HealthRegistry,
  ) {
    health.register('partitions', () => this.partitionsAhead());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.hourly();
  }

  @Interval(HOUR_MS)
  async hourly(): Promise<void> {
    try {
      const now = this.clock.nowMs();
      await this.database.transaction((tx) => this.partitions.ensure(tx, now, this.retention.PARTITION_WEEKS));
      this.coveredUntilMs = await this.partitions.coverage(this.database);
      const dropped = await this.database.transaction((tx) =>
        this.partitions.dropBefore(tx, now - this.retention.RETENTION_DAYS * DAY_MS),
      );
      if (dropped.length > 0) this.logger.info({ dropped }, 'partitions past retention dropped');
      await this.clientApps.dropExpiredTokens(AT_A_TIME);
      await this.tags.dropLeft(AT_A_TIME);
      await this.leftovers.dropStale(AT_A_TIME);
    } catch (error) {
      this.logger.error({ err: error }, 'upkeep failed, next try in an hour');
    }
  }

  private partitionsAhead(): { ok: boolean; detail?: string } {
    const weeks = ((this.coveredUntilMs ?? 0) - this.clock.nowMs()) / WEEK_MS;
    if (weeks >= RED_BELOW_WEEKS) return { ok: true };
    return { ok: false, detail: 'fewer than two weeks of partitions ahead: look for "upkeep failed" in the log' };
  }
}
