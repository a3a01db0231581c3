import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { smsSegments } from '#content';
import { CatalogWatch, SmsBudgetRepository } from '#entities';
import type { Outcome } from '#providers';
import type { DoneDelivery } from './done-delivery.js';
import type { Outgoing } from './outgoing.js';

const EXHAUSTED: Outcome = {
  class: 'bad_content',
  code: 'sms_quota_exhausted',
  words: 'the SMS quota of the client app does not cover this SMS',
};

/**
 * Takes what an SMS costs from its app's budget just before the provider is called, where that was not done when its message was
 * accepted. A delivery is counted once, however often it is tried. Apps without a quota pay a look at a set.
 */
@Injectable()
export class SmsBudget {
  private limited: Promise<Set<string>> | undefined;

  constructor(
    private readonly budgets: SmsBudgetRepository,
    watch: CatalogWatch,
  ) {
    watch.onChange('client_app', () => (this.limited = undefined));
  }

  /** Answers what may be sent; what the quota does not cover is put to `done`: it fails, and falls back where it can. */
  async take(channel: Channel, outgoing: readonly Outgoing[], done: DoneDelivery[]): Promise<Outgoing[]> {
    if (channel !== 'sms') return [...outgoing];
    const limited = await this.limitedApps();
    const counted = outgoing.filter(({ message }) => limited.has(message.client_app_id));
    if (counted.length === 0) return [...outgoing];
    const covered = await this.budgets.take(
      counted.map(({ delivery, message, outbound }) => ({
        messageId: delivery.message_id,
        seq: delivery.seq,
        appId: message.client_app_id,
        segments: smsSegments(outbound.content.text ?? '').segments,
      })),
    );
    const keys = new Set(covered.map((key) => `${key.message_id}/${key.seq}`));
    const refused = new Set(counted.filter(({ delivery }) => !keys.has(`${delivery.message_id}/${delivery.seq}`)));
    for (const { delivery, message } of refused)
      done.push({ delivery, message, account: null, outcome: EXHAUSTED, startedAt: Date.now() });
    return outgoing.filter((item) => !refused.has(item));
  }

  private limitedApps(): Promise<Set<string>> {
    this.limited ??= this.budgets.limitedApps().catch((error: unknown) => {
      this.limited = undefined;
      throw error;
    });
    return this.limited;
  }
}
