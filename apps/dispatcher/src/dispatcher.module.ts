import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule, SchedulingModule } from '#platform';
import { CancelDeliveriesService } from './due-work/cancel-deliveries.service.js';
import { DueWorkJob } from './due-work/due-work.job.js';
import { HandOverService } from './due-work/hand-over.service.js';
import { ChannelPaces } from './due-work/channel-paces.service.js';
import { QueueAgesJob } from './due-work/queue-ages.job.js';
import { FanOutService } from './fan-out/fan-out.service.js';
import { LargeFanOuts } from './fan-out/large-fan-outs.service.js';
import { MessageAcceptedConsumer } from './fan-out/message-accepted.consumer.js';
import { DeadLetterDepthJob } from './upkeep/dead-letter-depth.job.js';
import { UpkeepJob } from './upkeep/upkeep.job.js';

/** Accepted messages → deliveries → batches on the channel queues; and all that becomes due. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule],
  controllers: [MessageAcceptedConsumer],
  providers: [
    FanOutService,
    LargeFanOuts,
    HandOverService,
    ChannelPaces,
    DueWorkJob,
    CancelDeliveriesService,
    QueueAgesJob,
    UpkeepJob,
    DeadLetterDepthJob,
  ],
})
export class DispatcherModule {}
