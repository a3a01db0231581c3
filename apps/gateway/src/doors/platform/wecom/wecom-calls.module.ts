import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../../access/access.module.js';
import { CatalogModule } from '../../../catalog/catalog.module.js';
import { RealTimeModule } from '../../../real-time/real-time.module.js';
import { CardMessageController } from './card-message.controller.js';
import { SendCardService } from './send-card.service.js';

/** The call that hands cards straight to WeCom. */
@Module({
  imports: [PersistenceModule, AccessModule, CatalogModule, RealTimeModule],
  controllers: [CardMessageController],
  providers: [SendCardService],
})
export class WecomCallsModule {}
