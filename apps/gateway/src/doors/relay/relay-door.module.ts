import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { AskRelayService } from './ask-relay.service.js';
import { RelayController } from './relay.controller.js';

/** Door `relay`: `/app/message`. */
@Module({
  imports: [PersistenceModule, MessagingModule],
  controllers: [RelayController],
  providers: [AskRelayService],
})
export class RelayDoorModule {}
