import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { OUTGOING_CHANNELS, QUEUES, isChannel, type Channel, type DeliveryRequestedV1 } from '#contracts';
import { WorkRepository } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, Metrics, WakeLoop, failpoint } from '#platform';
import { interleave, type Handed } from './batches.policy.js';
import { groupBy } from './group-by.js';

/** Batches that may wait in a channel's queue: what lies there is beyond fairness and priority. */
const CREDIT_BATCHES = 64;
/** Deliveries of one batch. */
const BATCH_DELIVERIES = 200;
/** Look for due work this often; sooner when woken. */
const LOOK_EVERY_MS = 500;

/** Due deliveries → batches on the channel queues, fairly over the client apps, within a credit window per channel. */
@Injectable()
export class HandOverService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  /** Batches waiting per channel: as the broker last said, plus what was published since. */
  private readonly waiting = new Map<Channel, number>();
  private readonly loop = new WakeLoop({
    pass: () => this.handOverDue(),
    onError: (error) => this.logger.warn({ err: error }, 'hand-over failed, looking again soon'),
  });

  constructor(
    private readonly work: WorkRepository,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), LOOK_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.loop.stop();
  }

  /** There may be due work: look now. */
  wake(): void {
    this.loop.wake();
  }

  /**
   * Publishes new work that is already marked as handed over, without a detour through the table, while the channel has
   * room. What it has no room for is due at once and waits its turn.
   */
  async publish(handed: readonly Handed[]): Promise<void> {
    for (const [channel, items] of groupBy(handed, (item) => item.channel)) {
      if (!isChannel(channel)) continue;
      if (await this.hasRoom(channel)) await this.publishTo(channel, items);
      else await this.work.handBack(items.map((item) => item.id));
    }
  }

  /** Asks the broker only when the window seems to be used up. */
  private async hasRoom(channel: Channel): Promise<boolean> {
    if ((this.waiting.get(channel) ?? 0) < CREDIT_BATCHES) return true;
    return (await this.room(channel)) > 0;
  }

  /** Batches that the channel's queue may take now. */
  private async room(channel: Channel): Promise<number> {
    const waiting = await this.bus.depth(QUEUES.deliveryRequested(channel));
    this.waiting.set(channel, waiting);
    return Math.max(0, CREDIT_BATCHES - waiting);
  }

  /** True when some channel may have more to hand over right now. A channel that fails keeps no other from its turn. */
  private async handOverDue(): Promise<boolean> {
    const due = await this.work.dueChannels();
    this.showAges(due);
    const results = await Promise.allSettled(due.map(({ channel }) => this.handOver(channel)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return results.some((result) => result.status === 'fulfilled' && result.value);
  }

  /** True when there may be more to hand over right now. */
  private async handOver(channel: Channel): Promise<boolean> {
    const room = (await this.room(channel)) * BATCH_DELIVERIES;
    if (room === 0) return false;
    const taken = await this.work.handOver(channel, room);
    failpoint('dispatcher.after-hand-over');
    await this.publishTo(
      channel,
      taken.map((row) => ({ ...row, channel })),
    );
    return taken.reduce((sum, row) => sum + row.size, 0) >= room;
  }

  private async publishTo(channel: Channel, items: readonly Handed[]): Promise<void> {
    const batches = interleave(items, BATCH_DELIVERIES);
    this.waiting.set(channel, (this.waiting.get(channel) ?? 0) + batches.length);
    const results = await Promise.allSettled(
      batches.map(async (batch) => {
        this.metrics.batchSize.observe({ stage: 'hand-over' }, batch.length);
        const event: DeliveryRequestedV1 = { channel, workIds: batch.map((item) => item.id) };
        await this.bus.publish(QUEUES.deliveryRequested(channel), event).catch(async (error: unknown) => {
          await this.work.handBack(event.workIds);
          throw error;
        });
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) this.logger.warn({ err: failed.reason, channel }, 'work not published, due again');
  }

  private showAges(due: readonly { channel: Channel; age_s: number }[]): void {
    const ages = new Map(due.map((row) => [row.channel, row.age_s]));
    for (const channel of OUTGOING_CHANNELS) this.metrics.queueAge.set({ channel }, ages.get(channel) ?? 0);
  }
}
