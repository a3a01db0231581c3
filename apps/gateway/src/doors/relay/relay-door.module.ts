import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { AccessModule } from '../../access/access.module.js';
import { AskRelayService } from './ask-relay.service.js';
import { AuditRelayRefusals } from './audit-relay-refusals.service.js';
import { RelayController } from './relay.controller.js';

/** Door `relay`: `/app/message`. */
@Module({
  imports: [PersistenceModule, MessagingModule, AccessModule],
  controllers: [RelayController],
  providers: [AskRelayService, AuditRelayRefusals],
})
export class RelayDoorModule {}
