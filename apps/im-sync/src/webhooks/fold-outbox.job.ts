import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { QUEUES, type MessageAcceptedV1 } from '#contracts';
import { DatabaseClock, ImOutboxRepository, newMessageId } from '#entities';
import { MessageBus } from '#messaging';
import { AppLogger, ImWebhookConfig, WakeLoop } from '#platform';
import { eventAddressOf } from './event-address.js';
import { pushMessage } from './offline-push.policy.js';

/** What is told waits this long for more to go with it, ms. */
const LOOK_EVERY_MS = 500;

/**
 * Makes callbacks of what the webhook of the IM door is to be told, which reporting posts, and messages of what the phones of
 * people who are offline are to show. Rows are claimed, so replicas share the work.
 */
@Injectable()
export class FoldOutboxJob implements OnApplicationShutdown {
  private readonly address: string | null;
  private readonly loop = new WakeLoop({
    pass: () => this.fold(),
    onError: (error) => this.logger.warn({ err: error }, 'events of the IM door not folded, next try soon'),
  });

  constructor(
    private readonly outbox: ImOutboxRepository,
    private readonly config: ImWebhookConfig,
    private readonly clock: DatabaseClock,
    private readonly bus: MessageBus,
    private readonly logger: AppLogger,
  ) {
    this.address = config.IM_WEBHOOK_URL === undefined ? null : eventAddressOf(config.IM_WEBHOOK_URL);
  }

  /** Where nothing is to be told, nothing is put into the outbox. What was before waits for a webhook. */
  @Interval(LOOK_EVERY_MS)
  look(): void {
    if (this.address !== null || this.config.IM_OFFLINE_PUSH) this.loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** One pass. Answers whether there may be more. */
  private async fold(): Promise<boolean> {
    const hasEvents = this.address !== null && (await this.outbox.foldEvents(this.address));
    const { hasMore, messageIds } = await this.outbox.tellOffline(this.address, (push) =>
      pushMessage(newMessageId(this.clock.nowMs()), push),
    );
    if (messageIds.length > 0) this.ring({ messageIds });
    return hasEvents || hasMore;
  }

  private ring(event: MessageAcceptedV1): void {
    this.bus
      .publish(QUEUES.messageAccepted, event)
      // The work rows are due in a moment anyway: nothing is lost, it only takes longer.
      .catch((error: unknown) => this.logger.warn({ err: error }, 'doorbell lost'));
  }
}
