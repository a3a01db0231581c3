import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { QUEUES } from '#contracts';
import {
  AcknowledgeRepository,
  DatabaseClock,
  FanOutRepository,
  ReportRepository,
  isMessageId,
  type AckResult,
} from '#entities';
import { MessageBus } from '#messaging';

/** Epoch values below this are seconds: as milliseconds they would lie in early 1973. */
const SECONDS_BELOW = 100_000_000_000;

/** For how long, ms, a reading looks again for its recipient while a large audience is still coming. */
const LOOK_AGAIN_MS = [50, 150, 300, 500];

type Reading = Exclude<AckResult, 'awaited'>;

/** Reading receipts, from whichever door or page. */
@Injectable()
export class AcknowledgeService {
  constructor(
    private readonly acknowledgements: AcknowledgeRepository,
    private readonly fanOut: FanOutRepository,
    private readonly reports: ReportRepository,
    private readonly clock: DatabaseClock,
    private readonly bus: MessageBus,
  ) {}

  /**
   * Somebody who reads at once may be faster than the fan-out of his message.
   * @param ref per-delivery reference, or the message's own id
   * @param readTime epoch ms or s; absent or in the future = now
   * @param userId whose reading it is, where `ref` is a message with several recipients
   */
  async acknowledge(ref: string, readTime?: number, userId?: string): Promise<Reading> {
    const at = this.timeOf(readTime);
    const result = isMessageId(ref) ? await this.byMessage(ref, userId ?? null, at) : await this.byReference(ref, at);
    if (result === 'read') this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // the fold looks anyway
    return result;
  }

  private async byMessage(messageId: string, userId: string | null, at: string): Promise<Reading> {
    const read = (): Promise<AckResult> => this.acknowledgements.readMessage(messageId, userId, at);
    let result = await read();
    if (result === 'awaited') {
      // Its work is due soon by its rows: what is read already is in no hurry.
      await this.fanOut.fanOutSmall([messageId]);
      result = await read();
    }
    for (const ms of LOOK_AGAIN_MS) {
      if (result !== 'awaited') return result;
      await sleep(ms);
      result = await read();
    }
    if (result !== 'awaited') return result;
    await this.acknowledgements.readUnattributed(messageId);
    return 'unattributed';
  }

  private async byReference(ref: string, at: string): Promise<Reading> {
    const delivery = await this.reports.findByRef(ref);
    if (!delivery) return 'unknown';
    await this.acknowledgements.readDelivery(delivery.message_id, delivery.seq, at);
    return 'read';
  }

  private timeOf(readTime?: number): string {
    const now = this.clock.nowMs();
    if (readTime === undefined) return new Date(now).toISOString();
    return new Date(Math.min(now, readTime < SECONDS_BELOW ? readTime * 1000 : readTime)).toISOString();
  }
}
