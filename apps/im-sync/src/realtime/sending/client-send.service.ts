import { Injectable } from '@nestjs/common';
import type { ImNewMessage } from '#contracts';
import { ImPermissionRepository } from '#entities';
import { Batcher, OverloadedError } from '#messaging';
import { AppLogger } from '#platform';
import { ImSendService } from '../../im/im-send.service.js';
import { REASON, type Reason } from '../protocol/reason-codes.js';
import { sendPermission } from './send-permission.policy.js';

const MAX_BATCH = 500;
const MAX_WAITING = 10_000;

/** A message of a client. */
export interface ClientSend {
  message: ImNewMessage;
  /** Session that sent it. */
  sessionId: number;
}

export interface ClientSent {
  reason: Reason;
  /** "0" where it was refused. */
  messageId: string;
  messageSeq: number;
}

const refused = (reason: Reason): ClientSent => ({ reason, messageId: '0', messageSeq: 0 });

/** Sends what clients want sent, in the order in which it came: all that waits, in one go. */
@Injectable()
export class ClientSendService {
  private readonly batcher: Batcher<ClientSend, ClientSent>;

  constructor(
    private readonly permissions: ImPermissionRepository,
    private readonly sending: ImSendService,
    private readonly logger: AppLogger,
  ) {
    // One flush at a time: two could swap the messages of one client.
    this.batcher = new Batcher({
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      flush: async (sends) => (await this.send(sends)).map((value) => ({ value })),
    });
  }

  /** What is answered with a success is committed. Never rejects. */
  async add(send: ClientSend): Promise<ClientSent> {
    try {
      return await this.batcher.add(send);
    } catch (error) {
      if (error instanceof OverloadedError) return refused(REASON.tooFast);
      this.logger.warn({ err: error }, 'a message of a client could not be sent');
      return refused(REASON.systemError);
    }
  }

  idle(): Promise<void> {
    return this.batcher.idle();
  }

  private async send(sends: readonly ClientSend[]): Promise<ClientSent[]> {
    const facts = await this.permissions.facts(
      sends.map(({ message: { fromUid, channelId, channelType } }) => ({
        uid: fromUid,
        ruleChannelId: channelId, // a person's own channel has his uid as its id
        channelType,
      })),
    );
    const reasons = sends.map(({ message }, i) => {
      const known = facts[i];
      return known ? sendPermission(message.channelType, known) : REASON.systemError;
    });
    const allowed = sends.filter((_, i) => reasons[i] === REASON.success);
    const sent = await this.sending.send(
      allowed.map(({ message }) => message),
      allowed.map(({ sessionId }) => String(sessionId)),
    );
    let next = 0;
    return reasons.map((reason) => {
      if (reason !== REASON.success) return refused(reason);
      const one = sent[next++];
      if (!one) return refused(REASON.systemError);
      if (one.refusal) return refused(REASON.notAllowed);
      return { reason, messageId: one.messageId, messageSeq: one.messageSeq };
    });
  }
}
