import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { QUEUES } from '#contracts';
import { FanOutRepository } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, failpoint } from '#platform';
import { HandOverService } from '../due-work/hand-over.service.js';
import { TakeTurns } from './take-turns.js';

/** Chunks at a time. */
const LANES = 4;

/**
 * Messages to many people, a chunk a transaction. They go on beside everything else, by a chunk of each app in turn: a million
 * people hold up neither the small messages nor another app's large one. Between two chunks any other dispatcher may go on.
 */
@Injectable()
export class LargeFanOuts implements OnApplicationShutdown {
  private readonly turns = new TakeTurns();
  private readonly lanes = new Set<Promise<void>>();
  private isStopped = false;

  constructor(
    private readonly fanOuts: FanOutRepository,
    private readonly handOver: HandOverService,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {}

  /** Returns once they are in line. What is lost with this process is due again by its work row. */
  async start(messageIds: readonly string[]): Promise<void> {
    if (messageIds.length === 0) return;
    for (const [messageId, appId] of await this.fanOuts.appsOf(messageIds)) this.turns.add(appId, messageId);
    while (this.lanes.size < LANES && this.lanes.size < this.turns.size && !this.isStopped) {
      const lane: Promise<void> = this.run().finally(() => this.lanes.delete(lane));
      this.lanes.add(lane);
    }
  }

  /** The next chunk of one message. False: there are no more. */
  async fanOutChunk(messageId: string): Promise<boolean> {
    const chunk = await this.fanOuts.fanOutChunk(messageId);
    if (chunk.state === 'gone') return false;
    failpoint('dispatcher.after-chunk');
    if (chunk.inserted > 0) this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
    if (chunk.hasWork) this.handOver.wake();
    return chunk.state === 'more';
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.lanes);
  }

  private async run(): Promise<void> {
    for (let turn = this.turns.next(); turn && !this.isStopped; turn = this.turns.next()) {
      const hasMore = await this.fanOutChunk(turn.messageId).catch((error: unknown) => {
        this.logger.warn({ err: error, messageId: turn?.messageId }, 'fan-out failed, it is due again soon');
        return false;
      });
      this.turns.done(turn, hasMore);
    }
  }
}
