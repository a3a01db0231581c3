import { performance } from 'node:perf_hooks';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { BATCH_DELIVERIES, QUEUES, isChannel, type Channel, type DeliveryRequestedV1 } from '#contracts';
import { WorkRepository } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, Metrics, WakeLoop, failpoint } from '#platform';
import { inBatches, inTurns, sizesOf, type Handed } from './batches.policy.js';
import { ChannelPaces } from './channel-paces.service.js';
import { FairShares } from './fair-shares.js';
import { groupBy } from './group-by.js';
import { HandOverWindow } from './hand-over-window.js';

/** Batches that may wait in a channel's queue, whoever published them. */
const MOST_QUEUED_BATCHES = 64;
/** Deliveries taken at a time for apps that have next to nothing under way, while others use up the room. */
const FOR_NEWCOMERS = 20;
/** Look for due work this often; sooner when woken. */
const LOOK_EVERY_MS = 500;
/** New work that finds no room asks no more often than this whether there is some now. */
const ASK_AGAIN_MS = 100;

/** One channel as this process serves it. */
interface Flow {
  window: HandOverWindow;
  shares: FairShares;
  /** Work is due that had no room: what is new must not overtake it. */
  hasBacklog: boolean;
  askedAt: number;
}

/**
 * Due deliveries → batches on the channel queues, fairly over the client apps, and no more of them than the workers take up
 * soon. An app that has next to nothing under way never waits for the room that others use up.
 */
@Injectable()
export class HandOverService implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private readonly flows = new Map<Channel, Flow>();
  private readonly loop = new WakeLoop({
    pass: () => this.handOverDue(),
    onError: (error) => this.logger.warn({ err: error }, 'hand-over failed, looking again soon'),
  });

  constructor(
    private readonly work: WorkRepository,
    private readonly paces: ChannelPaces,
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
   * Publishes new work that is already marked as handed over, without a detour through the table, while the channel has room
   * and nothing older waits. What it has no room for is due at once and waits its turn.
   */
  async publish(handed: readonly Handed[]): Promise<void> {
    for (const [channel, items] of groupBy(handed, (item) => item.channel))
      if (isChannel(channel)) await this.publishNew(channel, items);
  }

  private async publishNew(channel: Channel, items: readonly Handed[]): Promise<void> {
    const flow = this.flowOf(channel);
    const pace = await this.paces.paceOf(channel);
    if (!flow.hasBacklog && flow.window.room(pace) === 0 && performance.now() - flow.askedAt > ASK_AGAIN_MS)
      await this.ask(flow);
    let room = flow.hasBacklog ? 0 : flow.window.room(pace);
    const ofNewcomers = new Map<string, number>();
    const now: Handed[] = [];
    const later: Handed[] = [];
    for (const item of inTurns(items)) {
      const ofApp = ofNewcomers.get(item.app_id) ?? flow.window.roomOfNewcomer(item.app_id);
      if (room <= 0 && ofApp < item.size) later.push(item);
      else now.push(item);
      if (room <= 0 && ofApp >= item.size) ofNewcomers.set(item.app_id, ofApp - item.size);
      room -= item.size;
    }
    const published = this.publishTo(channel, flow, pace, now);
    if (later.length > 0) {
      flow.hasBacklog = true;
      flow.window.ranShort();
      await this.work.handBack(later.map((item) => item.id));
    }
    await published;
  }

  /** True when some channel may have more to hand over right now. A channel that fails keeps no other from its turn. */
  private async handOverDue(): Promise<boolean> {
    const due = await this.work.dueChannels();
    const isDue = new Set(due);
    for (const [channel, flow] of this.flows) if (!isDue.has(channel)) flow.hasBacklog = false;
    const results = await Promise.allSettled(due.map((channel) => this.handOver(channel)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return results.some((result) => result.status === 'fulfilled' && result.value);
  }

  /** True when there may be more to hand over right now. */
  private async handOver(channel: Channel): Promise<boolean> {
    const flow = this.flowOf(channel);
    const [pace, queued] = await Promise.all([
      this.paces.paceOf(channel),
      this.bus.depth(QUEUES.deliveryRequested(channel)),
      this.ask(flow),
    ]);
    if (queued >= MOST_QUEUED_BATCHES) {
      flow.hasBacklog = true;
      return false;
    }
    const room = Math.min(flow.window.room(pace), (MOST_QUEUED_BATCHES - queued) * BATCH_DELIVERIES);
    const taken = await this.work.handOver(channel, room > 0 ? room : FOR_NEWCOMERS, {
      ahead: flow.shares.ahead(),
      except: room > 0 ? [] : flow.window.busyApps(),
    });
    failpoint('dispatcher.after-hand-over');
    flow.shares.served(taken);
    const isFull = taken.reduce((sum, row) => sum + row.size, 0) >= room;
    flow.hasBacklog = isFull || taken.some((row) => row.is_cut);
    if (isFull) flow.window.ranShort();
    await this.publishTo(
      channel,
      flow,
      pace,
      taken.map((row) => ({ ...row, channel })),
    );
    return flow.hasBacklog && taken.length > 0;
  }

  /** In the order given. What cannot be published is due again. */
  private async publishTo(channel: Channel, flow: Flow, pace: number | null, items: readonly Handed[]): Promise<void> {
    const batches = inBatches(items, flow.window.batchSize(pace));
    for (const batch of batches) flow.window.published(batch[0]?.id ?? 0, sizesOf(batch));
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

  /** What became of what was published. */
  private async ask(flow: Flow): Promise<void> {
    flow.askedAt = performance.now();
    const watched = flow.window.watched;
    flow.window.look(watched, watched.length > 0 ? await this.work.underWay(watched) : new Map(), performance.now());
  }

  private flowOf(channel: Channel): Flow {
    const flow = this.flows.get(channel) ?? {
      window: new HandOverWindow(),
      shares: new FairShares(),
      hasBacklog: false,
      askedAt: 0,
    };
    this.flows.set(channel, flow);
    return flow;
  }
}
