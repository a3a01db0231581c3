import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule, SchedulingModule } from '#platform';
import { ExpireRelayedJob } from './relay/expire-relayed.job.js';
import { RelayAnswerer } from './relay/relay.answerer.js';

/** Home of the state behind the relay door; the IM door's comes here, too. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule],
  controllers: [RelayAnswerer],
  providers: [ExpireRelayedJob],
})
export class ImSyncModule {}
