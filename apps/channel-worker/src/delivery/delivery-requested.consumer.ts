import { Controller } from '@nestjs/common';
import { DeliveryRequestedV1, OUTGOING_CHANNELS, QUEUES } from '#contracts';
import { Consume } from '#messaging';
import { DeliverWorkService } from './deliver-work.service.js';

/** Batches of one channel in work at a time: a slow provider fills these, and nobody else's. */
const BATCHES_PER_CHANNEL = 8;

@Controller()
export class DeliveryRequestedConsumer {
  constructor(private readonly work: DeliverWorkService) {}

  @Consume(OUTGOING_CHANNELS.map((channel) => QUEUES.deliveryRequested(channel)), DeliveryRequestedV1, {
    prefetch: BATCHES_PER_CHANNEL,
  })
  async handle(event: DeliveryRequestedV1): Promise<void> {
    await this.work.deliver(event.channel, event.workIds);
  }
}
