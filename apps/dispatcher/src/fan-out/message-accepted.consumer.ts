import { Controller } from '@nestjs/common';
import { MessageAcceptedV1, QUEUES } from '#contracts';
import { Consume } from '#messaging';
import { FanOutService } from './fan-out.service.js';

@Controller()
export class MessageAcceptedConsumer {
  constructor(private readonly fanOut: FanOutService) {}

  @Consume(QUEUES.messageAccepted, MessageAcceptedV1, { prefetch: 4 })
  async handle(event: MessageAcceptedV1): Promise<void> {
    await this.fanOut.fanOut(event.messageIds);
  }
}
