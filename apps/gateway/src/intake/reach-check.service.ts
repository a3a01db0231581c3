import { Injectable } from '@nestjs/common';
import { RecipientRepository, type NewMessage } from '#entities';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';
import type { PlannedMessage } from './plan-message.service.js';

/** The one recipient of a call that must be known and reachable. The commit decides; here is the question, and the reason of a refusal. */
@Injectable()
export class ReachCheck {
  constructor(private readonly recipients: RecipientRepository) {}

  /** What the commit is to make sure of; null where the call asks for nothing. */
  conditionOf(command: AcceptMessage, { plan }: PlannedMessage): NewMessage['mustReach'] {
    const userId = command.to.users?.[0]?.id;
    if (!command.mustReach || userId === undefined) return null;
    return { userId, channel: plan.mode === 'list' ? (plan.steps[0]?.channel ?? null) : null };
  }

  /** Why the commit found nobody: `recipient_unknown` or `no_address`. */
  async refusal(
    { app }: AcceptMessage,
    { userId, channel }: NonNullable<NewMessage['mustReach']>,
  ): Promise<IntakeError> {
    const [isKnown] =
      channel === null ? [false] : await this.recipients.canReach([{ userId, appId: app.appId, channel: null }]);
    return isKnown
      ? new IntakeError('no_address', `User "${userId}" has no address on channel "${channel}".`, 'uid')
      : new IntakeError('recipient_unknown', `User "${userId}" is unknown: register an address first.`, 'uid');
  }
}
