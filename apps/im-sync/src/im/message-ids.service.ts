import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { AppError } from '#contracts';
import { DatabaseClock, ImNodeRepository, type ImNodeLease } from '#entities';
import { AppLogger } from '#platform';
import { Snowflake } from './snowflake.js';

const RENEW_EVERY_MS = 20_000;
/** No id is taken so shortly before the lease ends, ms: the clock may be off by a round trip. */
const MARGIN_MS = 2_000;

/** Ids of messages, unique over all processes: each works with a node number that is leased to it, and only while it is. */
@Injectable()
export class MessageIds implements OnModuleDestroy {
  private readonly holder = randomUUID();
  private held: { untilMs: number; nodeId: number; ids: Snowflake } | undefined;
  private obtaining: Promise<void> | undefined;

  constructor(
    private readonly nodes: ImNodeRepository,
    private readonly clock: DatabaseClock,
    private readonly logger: AppLogger,
  ) {}

  /** Decimal, ascending. @throws AppError `transient`: no node number to be had */
  async take(count: number, nowMs: number): Promise<string[]> {
    if (!this.isHeld(nowMs)) await this.obtain();
    if (!this.held || !this.isHeld(nowMs)) {
      throw new AppError('IM_NO_NODE', 'transient', 'No message id can be made at the moment: try again shortly.');
    }
    return this.held.ids.take(count, nowMs);
  }

  /** So that a lease does not end while ids are being taken. */
  @Interval(RENEW_EVERY_MS)
  async keep(): Promise<void> {
    if (!this.held) return;
    try {
      await this.obtain();
    } catch (error) {
      this.logger.warn({ err: error, nodeId: this.held?.nodeId }, 'the lease of the node number was not renewed');
    }
  }

  async onModuleDestroy(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    // What fails here ends by itself within a minute.
    if (held) await this.nodes.release(this.holder, held.nodeId).catch(() => undefined);
  }

  private isHeld(nowMs: number): boolean {
    return this.held !== undefined && Math.max(nowMs, this.held.ids.lastMs) < this.held.untilMs - MARGIN_MS;
  }

  private obtain(): Promise<void> {
    this.obtaining ??= this.lease().finally(() => (this.obtaining = undefined));
    return this.obtaining;
  }

  private async lease(): Promise<void> {
    const { held } = this;
    const renewed = held ? await this.nodes.renew(this.holder, held.nodeId) : null;
    if (held && renewed) {
      held.untilMs = renewed.untilMs;
      return;
    }
    this.held = undefined;
    const lease: ImNodeLease | null = await this.nodes.acquire(this.holder);
    if (!lease) return;
    await this.clock.measure();
    this.held = { untilMs: lease.untilMs, nodeId: lease.nodeId, ids: new Snowflake(lease.nodeId) };
  }
}
