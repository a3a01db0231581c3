import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule, SchedulingModule } from '#platform';
import { FoldOutboxJob } from '../webhooks/fold-outbox.job.js';
import { TellOutside } from '../webhooks/tell-outside.service.js';
import { ChangeChannelService } from './change-channel.service.js';
import { ImEvents } from './im-events.js';
import { ImSendService } from './im-send.service.js';
import { ImAnswerer } from './im.answerer.js';
import { MessageIds } from './message-ids.service.js';

/** Instant messages: channels, their logs, command queues. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule],
  controllers: [ImAnswerer],
  providers: [ChangeChannelService, FoldOutboxJob, ImEvents, ImSendService, MessageIds, TellOutside],
  exports: [ImEvents, ImSendService],
})
export class ImModule {}
