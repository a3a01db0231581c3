import { Injectable } from '@nestjs/common';
import { RecipientRepository, type ReachQuestion } from '#entities';
import { Batcher } from '#messaging';
import type { AcceptMessage } from './accept-message.command.js';
import { IntakeError } from './intake-error.js';
import type { PlannedMessage } from './plan-message.service.js';

const MAX_BATCH = 500;

/** Is the one recipient of a call known and reachable? Asked for all waiting calls in one query. */
@Injectable()
export class ReachCheck {
  private readonly batcher = new Batcher<ReachQuestion, boolean>({
    maxBatch: MAX_BATCH,
    flush: async (questions) => (await this.recipients.canReach(questions)).map((value) => ({ value })),
  });

  constructor(private readonly recipients: RecipientRepository) {}

  /** @throws IntakeError `recipient_unknown` or `no_address` */
  async require(command: AcceptMessage, { plan }: PlannedMessage): Promise<void> {
    const userId = command.to.users?.[0]?.id;
    if (userId === undefined) return;
    const channel = plan.mode === 'list' ? (plan.steps[0]?.channel ?? null) : null;
    if (await this.batcher.add({ userId, appId: command.app.appId, channel })) return;
    const isKnown = channel !== null && (await this.batcher.add({ userId, appId: command.app.appId, channel: null }));
    throw isKnown
      ? new IntakeError('no_address', `User "${userId}" has no address on channel "${channel}".`, 'uid')
      : new IntakeError('recipient_unknown', `User "${userId}" is unknown: register an address first.`, 'uid');
  }
}
