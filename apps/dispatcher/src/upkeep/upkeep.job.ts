import { performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import {
  Database,
  DatabaseClock,
  PartitionsRepository,
  RED_BELOW_WEEKS,
  SandboxRepository,
  TagRepository,
  UpkeepRepository,
} from '#entities';
import { AppLogger, HealthRegistry, RetentionConfig } from '#platform';

const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Rows of one bounded delete. */
const AT_A_TIME = 10_000;

/** Keeps the tables in shape: partitions ahead, retention behind, what expired removed. Every step is safe in N replicas. */
@Injectable()
export class UpkeepJob implements OnApplicationBootstrap {
  private coveredUntilMs: number | null = null;
  private partitionsDueAt = 0;
  private isSweeping = false;

  constructor(
    private readonly database: Database,
    private readonly clock: DatabaseClock,
    private readonly partitions: PartitionsRepository,
    private readonly tags: TagRepository,
    private readonly leftovers: UpkeepRepository,
    private readonly sandbox: SandboxRepository,
    private readonly retention: RetentionConfig,
    private readonly logger: AppLogger,
    health: HealthRegistry,
  ) {
    health.register('partitions', () => this.partitionsAhead());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.keepPartitions();
  }

  /** Every hour; what fails is tried again a minute later, and keeps no other step from being done. */
  @Interval(MINUTE_MS)
  async keepPartitions(): Promise<void> {
    const startedAt = performance.now();
    if (startedAt < this.partitionsDueAt) return;
    const nowMs = this.clock.nowMs();
    const steps = [
      () => this.database.transaction((tx) => this.partitions.ensure(tx, nowMs, this.retention.PARTITION_WEEKS)),
      async () => (this.coveredUntilMs = await this.partitions.coverage(this.database)),
      () => this.dropOld(nowMs),
    ];
    let hasFailed = false;
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        hasFailed = true;
        this.logger.error({ err: error }, 'upkeep failed, next try in a minute');
      }
    }
    this.partitionsDueAt = hasFailed ? 0 : startedAt + HOUR_MS;
  }

  /** Bounded deletes, repeated while they find as much as they may take. */
  @Interval(MINUTE_MS)
  async everyMinute(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    try {
      while (await this.leftovers.dropStale(AT_A_TIME, this.retention.RETENTION_DAYS));
      while ((await this.tags.dropLeft(AT_A_TIME)) === AT_A_TIME);
      while ((await this.sandbox.prune(AT_A_TIME)) === AT_A_TIME);
    } catch (error) {
      this.logger.warn({ err: error }, 'sweeping failed, next try in a minute');
    } finally {
      this.isSweeping = false;
    }
  }

  private async dropOld(nowMs: number): Promise<void> {
    const { dropped, inUse } = await this.partitions.dropBefore(
      this.database,
      nowMs - this.retention.RETENTION_DAYS * DAY_MS,
    );
    if (inUse.length > 0) this.logger.info({ inUse }, 'partitions past retention are in use, next try in an hour');
    if (dropped.length > 0) this.logger.info({ dropped }, 'partitions past retention dropped');
  }

  private partitionsAhead(): { ok: boolean; detail?: string } {
    const weeks = ((this.coveredUntilMs ?? 0) - this.clock.nowMs()) / WEEK_MS;
    if (weeks >= RED_BELOW_WEEKS) return { ok: true };
    return { ok: false, detail: 'fewer than two weeks of partitions ahead: look for "upkeep failed" in the log' };
  }
}
