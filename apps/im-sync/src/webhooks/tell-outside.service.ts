import { Injectable } from '@nestjs/common';
import type { ImDelivery } from '#contracts';
import { ImOutboxRepository, type Sql } from '#entities';
import { ImWebhookConfig } from '#platform';
import { tellingsOf, type Listeners } from './tellings.policy.js';

/** Puts what the webhook and phones are to be told beside the messages, into the transaction that stores them: neither is there without the other. */
@Injectable()
export class TellOutside {
  constructor(
    private readonly outbox: ImOutboxRepository,
    private readonly config: ImWebhookConfig,
  ) {}

  get isWanted(): boolean {
    return this.listeners.hasWebhook || this.listeners.wantsPush;
  }

  /** @param tx the transaction that stores the messages */
  tell(tx: Sql, deliveries: readonly ImDelivery[]): Promise<void> {
    return this.outbox.add(tx, tellingsOf(deliveries, this.listeners));
  }

  private get listeners(): Listeners {
    return { hasWebhook: this.config.IM_WEBHOOK_URL !== undefined, wantsPush: this.config.IM_OFFLINE_PUSH };
  }
}
