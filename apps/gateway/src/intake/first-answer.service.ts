import { Injectable } from '@nestjs/common';
import { hasBadUnicode } from '#content';
import { MessageIntakeRepository } from '#entities';
import type { AcceptMessage, AcceptedMessage } from './accept-message.command.js';
import { idempotencyConflict } from './intake-error.js';

/**
 * What a repeated call was answered the first time. It stands whatever has changed meanwhile: whoever did not get that answer would
 * take a refusal for the word that nothing was sent. Asked for once a call is refused, so that all others pay nothing.
 */
@Injectable()
export class FirstAnswer {
  constructor(private readonly messages: MessageIntakeRepository) {}

  /** Null: no message of the app was accepted under this key. @throws IntakeError `idempotency_conflict` */
  async find({ app, idempotency }: Pick<AcceptMessage, 'app' | 'idempotency'>): Promise<AcceptedMessage | null> {
    // What cannot be stored nobody holds.
    if (!idempotency || hasBadUnicode(idempotency.key)) return null;
    const first = await this.messages.findByKey(app.appId, idempotency);
    if (!first) return null;
    if (first.kind !== 'accepted') throw idempotencyConflict();
    return { messageId: first.messageId, status: first.isScheduled ? 'scheduled' : 'accepted' };
  }
}
