import { Injectable } from '@nestjs/common';
import { QUEUES } from '#contracts';
import { FanOutRepository, isDataError, type SmallFanOut } from '#entities';
import { Batcher, MessageBus } from '#messaging';
import { AppLogger, Metrics, failpoint } from '#platform';
import { HandOverService } from '../due-work/hand-over.service.js';
import { LargeFanOuts } from './large-fan-outs.service.js';

/** Messages of one statement. */
const SMALL_AT_A_TIME = 500;
/** Doorbells whose messages share it. */
const DOORBELLS_AT_A_TIME = 16;

/** Accepted messages → deliveries and their work. Safe to call twice, from anywhere: the message's state row decides. */
@Injectable()
export class FanOutService {
  /** Doorbells that ring while a statement is under way are answered together by the next one. */
  private readonly together = new Batcher<readonly string[], ReadonlySet<string>>({
    maxBatch: DOORBELLS_AT_A_TIME,
    flush: async (doorbells) => {
      const handled = await this.fanOutAll([...new Set(doorbells.flat())]);
      return doorbells.map(() => ({ value: handled }));
    },
  });

  constructor(
    private readonly fanOuts: FanOutRepository,
    private readonly large: LargeFanOuts,
    private readonly handOver: HandOverService,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** Resolves when all of them are fanned out. */
  async fanOut(messageIds: readonly string[]): Promise<void> {
    for (const messageId of await this.fanOutSmall(messageIds)) while (await this.large.fanOutChunk(messageId));
  }

  /** Resolves when the small ones are fanned out; the large ones go on by themselves, each app's in turn. */
  async start(messageIds: readonly string[]): Promise<void> {
    await this.large.start(await this.fanOutSmall(messageIds));
  }

  /** Answers those that are not small, and those that are gone. */
  private async fanOutSmall(messageIds: readonly string[]): Promise<string[]> {
    const handled = await this.together.add(messageIds);
    return messageIds.filter((messageId) => !handled.has(messageId));
  }

  /** Answers what is fanned out. */
  private async fanOutAll(messageIds: readonly string[]): Promise<Set<string>> {
    const done = new Set<string>();
    for (let from = 0; from < messageIds.length; from += SMALL_AT_A_TIME) {
      for (const id of await this.fanOutSome(messageIds.slice(from, from + SMALL_AT_A_TIME))) done.add(id);
    }
    return done;
  }

  private async fanOutSome(messageIds: readonly string[]): Promise<string[]> {
    failpoint('dispatcher.before-fan-out');
    const { handled, work, hasSettlements } = await this.fanOutTogether(messageIds);
    failpoint('dispatcher.after-fan-out');
    this.metrics.batchSize.observe({ stage: 'fan-out' }, handled.length);
    if (hasSettlements) this.ringReporting();
    // Not awaited: a hand-over that is lost is due again by its row, and the next doorbell need not wait for a confirm.
    this.handOver
      .publish(work)
      .catch((error: unknown) => this.logger.warn({ err: error }, 'work not handed over, it is due again soon'));
    return handled;
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

  private ringReporting(): void {
    this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // reporting looks by itself, too
  }
}
