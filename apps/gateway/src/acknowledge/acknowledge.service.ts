import { Injectable } from '@nestjs/common';
import { QUEUES } from '#contracts';
import { AcknowledgeRepository, DatabaseClock, ReportRepository, isMessageId, type AckResult } from '#entities';
import { MessageBus } from '#messaging';

/** Epoch values below this are seconds: as milliseconds they would lie in early 1973. */
const SECONDS_BELOW = 100_000_000_000;

/** Reading receipts, from whichever door or page. */
@Injectable()
export class AcknowledgeService {
  constructor(
    private readonly acknowledgements: AcknowledgeRepository,
    private readonly reports: ReportRepository,
    private readonly clock: DatabaseClock,
    private readonly bus: MessageBus,
  ) {}

  /**
   * @param ref per-delivery reference, or the message's own id
   * @param readTime epoch ms or s; absent or in the future = now
   * @param userId whose reading it is, where `ref` is a message with several recipients
   */
  async acknowledge(ref: string, readTime?: number, userId?: string): Promise<AckResult> {
    const at = this.timeOf(readTime);
    const result = isMessageId(ref)
      ? await this.acknowledgements.readMessage(ref, userId ?? null, at)
      : await this.byReference(ref, at);
    if (result === 'read') this.bus.publish(QUEUES.deliverySettled, {}).catch(() => undefined); // the fold looks anyway
    return result;
  }

  private async byReference(ref: string, at: string): Promise<AckResult> {
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
