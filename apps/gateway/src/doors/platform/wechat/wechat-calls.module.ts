import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../../access/access.module.js';
import { CatalogModule } from '../../../catalog/catalog.module.js';
import { PublicAccountsModule } from '../../../public-accounts/public-accounts.module.js';
import { RealTimeModule } from '../../../real-time/real-time.module.js';
import { PublicListsController } from './public-lists.controller.js';
import { SendTemplateController } from './send-template.controller.js';
import { SendTemplateService } from './send-template.service.js';
import { TemplateTodoStatusService } from './template-todo-status.service.js';
import { UsableAccount } from './usable-account.service.js';
import { WechatTemplates } from './wechat-templates.service.js';

/** The calls about template messages of WeChat public accounts. */
@Module({
  imports: [PersistenceModule, AccessModule, CatalogModule, PublicAccountsModule, RealTimeModule],
  controllers: [PublicListsController, SendTemplateController],
  providers: [SendTemplateService, TemplateTodoStatusService, UsableAccount, WechatTemplates],
  exports: [TemplateTodoStatusService],
})
export class WechatCallsModule {}
