import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { AcknowledgeService } from './acknowledge.service.js';

@Module({
  imports: [PersistenceModule, MessagingModule],
  providers: [AcknowledgeService],
  exports: [AcknowledgeService],
})
export class AcknowledgeModule {}
