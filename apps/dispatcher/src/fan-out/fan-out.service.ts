import { Injectable } from '@nestjs/common';
import { QUEUES } from '#contracts';
import { FanOutRepository, isDataError, type SmallFanOut } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, Metrics, failpoint } from '#platform';
import { HandOverService } from '../due-work/hand-over.service.js';

/** Messages of one statement. */
const SMALL_AT_A_TIME = 200;

/** Accepted messages → deliveries and their work. Safe to call twice, from anywhere: the message's state row decides. */
@Injectable()
export class FanOutService {
  constructor(
    private readonly fanOuts: FanOutRepository,
    private readonly handOver: HandOverService,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  async fanOut(messageIds: readonly string[]): Promise<void> {
    for (let from = 0; from < messageIds.length; from += SMALL_AT_A_TIME) {
      await this.fanOutSome(messageIds.slice(from, from + SMALL_AT_A_TIME));
    }
  }

  private async fanOutSome(messageIds: readonly string[]): Promise<void> {
    failpoint('dispatcher.before-fan-out');
    const { handled, work, hasSettlements } = await this.fanOutTogether(messageIds);
    failpoint('dispatcher.after-fan-out');
    this.metrics.batchSize.observe({ stage: 'fan-out' }, handled.length);
    if (hasSettlements) this.ringReporting();
    // Not awaited: a hand-over that is lost is due again by its row, and the next doorbell need not wait for a confirm.
    this.handOver
      .publish(work)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'work not handed over, it is due again soon'));
    const done = new Set(handled);
    for (const messageId of messageIds) if (!done.has(messageId)) await this.fanOutLarge(messageId);
  }

  /** All in one statement; where the database refuses a value, the one message that holds it keeps no other from going. */
  private async fanOutTogether(messageIds: readonly string[]): Promise<SmallFanOut> {
    try {
      return await this.fanOuts.fanOutSmall(messageIds);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (messageIds.length === 1) {
        this.logger.error({ err: error, messageId: messageIds[0] }, 'message cannot be fanned out, tried again later');
        return { handled: [...messageIds], work: [], hasSettlements: false };
      }
      const middle = messageIds.length >> 1;
      const first = await this.fanOutTogether(messageIds.slice(0, middle));
      const second = await this.fanOutTogether(messageIds.slice(middle));
      return {
        handled: [...first.handled, ...second.handled],
        work: [...first.work, ...second.work],
        hasSettlements: first.hasSettlements || second.hasSettlements,
      };
    }
  }

  /** A chunk a transaction. Between two chunks any other dispatcher may go on with it. */
  private async fanOutLarge(messageId: string): Promise<void> {
    for (;;) {
      const chunk = await this.fanOuts.fanOutChunk(messageId);
      if (chunk.state === 'gone') return; // in other hands, or ended
      failpoint('dispatcher.after-chunk');
      if (chunk.inserted > 0) this.ringReporting();
      if (chunk.hasWork) this.handOver.wake();
      if (chunk.state !== 'more') return;
    }
  }

  private ringReporting(): void {
    this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
  }
}
