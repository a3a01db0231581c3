import { Controller } from '@nestjs/common';
import { MessageAcceptedV1, QUEUES } from '#contracts';
import { Consume } from '#messaging';
import { FanOutService } from './fan-out.service.js';

/** Doorbells at a time; they share statements. */
const DOORBELLS = 16;

@Controller()
export class MessageAcceptedConsumer {
  constructor(private readonly fanOut: FanOutService) {}

  @Consume(QUEUES.messageAccepted, MessageAcceptedV1, { prefetch: DOORBELLS })
  async handle(event: MessageAcceptedV1): Promise<void> {
    await this.fanOut.start(event.messageIds);
  }
}
