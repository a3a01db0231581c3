import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../access/access.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { IntakeModule } from '../../intake/intake.module.js';
import { PortalLinksModule } from '../../web/portal/portal-links.module.js';
import { MessageProgressService } from './message-progress.service.js';
import { PlatformChannels } from './platform-channels.service.js';
import { PlatformInboxController } from './platform-inbox.controller.js';
import { PlatformQueryController } from './platform-query.controller.js';
import { PlatformSendController } from './platform-send.controller.js';
import { PlatformSmsController } from './platform-sms.controller.js';
import { PlatformTodoController } from './platform-todo.controller.js';
import { PlatformTokenController } from './platform-token.controller.js';
import { WallClock } from './wall-clock.js';
import { WechatCallsModule } from './wechat/wechat-calls.module.js';
import { WecomCallsModule } from './wecom/wecom-calls.module.js';

/** Door `platform`: `/msg/getThirdAPIToken`, `/message/*`, `/api/message/user/*`. */
@Module({
  imports: [
    PersistenceModule,
    AccessModule,
    CatalogModule,
    IntakeModule,
    PortalLinksModule,
    WechatCallsModule,
    WecomCallsModule,
  ],
  controllers: [
    PlatformTokenController,
    PlatformSendController,
    PlatformSmsController,
    PlatformQueryController,
    PlatformInboxController,
    PlatformTodoController,
  ],
  providers: [MessageProgressService, PlatformChannels, WallClock],
})
export class PlatformDoorModule {}
