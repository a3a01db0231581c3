import { Injectable } from '@nestjs/common';
import type { Channel } from '#contracts';
import { TodoCardRepository, type NewTodoCard } from '#entities';
import { AppLogger } from '#platform';
import type { DoneDelivery } from '../delivery/done-delivery.js';

/** Remembers the cards of to-dos that went out, so that they can be changed when the to-do is closed. */
@Injectable()
export class KeepTodoCardsService {
  constructor(
    private readonly cards: TodoCardRepository,
    private readonly logger: AppLogger,
  ) {}

  /** Never throws: a card that is not remembered only stays as it is. */
  async keep(channel: Channel, sent: readonly DoneDelivery[]): Promise<void> {
    const cards = sent.flatMap((item): NewTodoCard[] => {
      if (!('outcome' in item) || !item.outcome.card || !item.account) return [];
      const { message_id: messageId, seq, address } = item.delivery;
      return [{ messageId, seq, channel, account: item.account.id, address, ...item.outcome.card }];
    });
    try {
      await this.cards.keep(cards);
    } catch (error) {
      this.logger.warn(
        { err: error, channel, cards: cards.length },
        'cards of to-dos not kept, they will stay as they are',
      );
    }
  }
}
