import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule } from '#platform';

/** Home of the IM and relay doors' state. It serves health and metrics until these doors open. */
@Module({ imports: [PlatformModule, PersistenceModule, MessagingModule] })
export class ImSyncModule {}
