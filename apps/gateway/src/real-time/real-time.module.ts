import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { IntakeModule } from '../intake/intake.module.js';
import { SendDirectService } from './send-direct.service.js';
import { SendNowService } from './send-now.service.js';

/** Sending for callers who wait for the provider's word. */
@Module({
  imports: [PersistenceModule, MessagingModule, IntakeModule],
  providers: [SendDirectService, SendNowService],
  exports: [SendDirectService, SendNowService],
})
export class RealTimeModule {}
