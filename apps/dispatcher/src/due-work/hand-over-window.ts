import { BATCH_DELIVERIES } from '#contracts';

/** Deliveries that may wait in a channel's queue before anything is known of how fast it is worked off. */
const FIRST_LIMIT = 1000;
const LEAST_LIMIT = BATCH_DELIVERIES;
const MOST_LIMIT = 64 * BATCH_DELIVERIES;
/** The queue holds what is worked off in so many seconds: enough that workers find some, not enough to stand in front of others for long. */
const QUEUED_S = 1;
/** Where accounts have a pace, all that is under way, queued or held by workers, is at most what they send in so many seconds. */
const UNDER_WAY_S = 3;
/** Batches that one worker has in hand at a time: a paced second is spread over them. */
const BATCHES_IN_HAND = 8;
/** A rate is measured over at least so many ms. */
const MEASURED_MS = 400;
/** An app that has less than this under way need not wait for the room that others use up. */
const NEWCOMER_DELIVERIES = 20;

interface Batch {
  sizes: ReadonlyMap<string, number>;
  size: number;
  /** A worker has it. */
  isHeld: boolean;
}

/**
 * How much of one channel's work this process may have under way. What lies in a queue is beyond fairness and priority, so it
 * is kept as short as the speed of the workers allows. Only this process's own batches are counted: each dispatcher of several
 * keeps its own part of the channel's work as short.
 */
export class HandOverWindow {
  private readonly batches = new Map<number, Batch>();
  private limit = FIRST_LIMIT;
  private takenUp = 0;
  private isShort = false;
  private measuredAt: number | undefined;

  /** First ids of the batches that are not known to be done. */
  get watched(): number[] {
    return [...this.batches.keys()];
  }

  /** @param pace deliveries a second that the channel's accounts may send; null: as many as they can */
  room(pace: number | null): number {
    const queued = this.limit - this.sum((batch) => !batch.isHeld);
    const room = pace === null ? queued : Math.min(queued, Math.ceil(pace * UNDER_WAY_S) - this.sum(() => true));
    if (room <= 0) this.isShort = true;
    return Math.max(0, room);
  }

  batchSize(pace: number | null): number {
    return pace === null
      ? BATCH_DELIVERIES
      : Math.max(1, Math.min(BATCH_DELIVERIES, Math.ceil(pace / BATCHES_IN_HAND)));
  }

  /** Deliveries that the app may have published although there is no room. */
  roomOfNewcomer(appId: string): number {
    if (this.sum((batch) => !batch.isHeld) >= 2 * this.limit) return 0;
    return Math.max(0, NEWCOMER_DELIVERIES - this.underWay(appId));
  }

  /** Apps that are no newcomers. */
  busyApps(): string[] {
    const apps = new Set([...this.batches.values()].flatMap((batch) => [...batch.sizes.keys()]));
    return [...apps].filter((appId) => this.roomOfNewcomer(appId) === 0);
  }

  /** A batch is done when its first piece of work is: all of them are finished together. @param sizes deliveries of each app */
  published(firstId: number, sizes: ReadonlyMap<string, number>): void {
    const size = [...sizes.values()].reduce((sum, n) => sum + n, 0);
    this.batches.set(firstId, { sizes, size, isHeld: false });
  }

  /** There was more to publish than there was room for. */
  ranShort(): void {
    this.isShort = true;
  }

  /**
   * What became of the batches, and what that says about the speed of the workers.
   * @param asked some of `watched` · @param underWay those of them that are not done
   * @param nowMs on a clock that never goes back
   */
  look(asked: readonly number[], underWay: ReadonlyMap<number, { isHeld: boolean }>, nowMs: number): void {
    for (const firstId of asked) {
      const batch = this.batches.get(firstId);
      if (!batch) continue;
      const found = underWay.get(firstId);
      if (!batch.isHeld && (!found || found.isHeld)) this.takenUp += batch.size;
      if (found) batch.isHeld = found.isHeld;
      else this.batches.delete(firstId);
    }
    this.measuredAt ??= nowMs;
    const queued = this.sum((batch) => !batch.isHeld);
    if (queued === 0) {
      // Workers may have been idle: nobody knows how fast they are.
      if (this.isShort && this.takenUp > 0) this.limit = Math.min(MOST_LIMIT, this.limit * 2);
      this.measureFrom(nowMs);
    } else if (nowMs - this.measuredAt >= MEASURED_MS) {
      const perSecond = (this.takenUp * 1000) / (nowMs - this.measuredAt);
      if (this.isShort)
        this.limit = Math.max(LEAST_LIMIT, Math.min(MOST_LIMIT, Math.round((this.limit + perSecond * QUEUED_S) / 2)));
      this.measureFrom(nowMs);
    }
  }

  private measureFrom(nowMs: number): void {
    this.measuredAt = nowMs;
    this.takenUp = 0;
    this.isShort = false;
  }

  private underWay(appId: string): number {
    let sum = 0;
    for (const { sizes } of this.batches.values()) sum += sizes.get(appId) ?? 0;
    return sum;
  }

  private sum(isCounted: (batch: Batch) => boolean): number {
    let sum = 0;
    for (const batch of this.batches.values()) if (isCounted(batch)) sum += batch.size;
    return sum;
  }
}
