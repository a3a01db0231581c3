import { Controller } from '@nestjs/common';
import { DeliverySettledV1, QUEUES } from '#contracts';
import { Consume } from '#messaging';
import { FoldService } from './fold.service.js';

@Controller()
export class DeliverySettledConsumer {
  constructor(private readonly folding: FoldService) {}

  @Consume(QUEUES.deliverySettled, DeliverySettledV1)
  handle(): void {
    this.folding.ring();
  }
}
