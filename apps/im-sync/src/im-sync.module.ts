import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule, SchedulingModule } from '#platform';
import { ImModule } from './im/im.module.js';
import { RealtimeModule } from './realtime/realtime.module.js';
import { RelayAnswerer } from './relay/relay.answerer.js';
import { DropStaleJob } from './upkeep/drop-stale.job.js';

/** Home of the state behind the relay door and the IM door. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule, ImModule, RealtimeModule],
  controllers: [RelayAnswerer],
  providers: [DropStaleJob],
})
export class ImSyncModule {}
