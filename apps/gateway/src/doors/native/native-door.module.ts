import { Module } from '@nestjs/common';
import { PersistenceModule, SandboxRepository } from '#entities';
import { MessagingModule } from '#messaging';
import { GuardedHttp } from '#platform';
import { ProviderRegistry, SandboxFactory, SmtpFactory, WebhookFactory } from '#providers';
import { AccessModule } from '../../access/access.module.js';
import { AcknowledgeModule } from '../../acknowledge/acknowledge.module.js';
import { AuditLogController } from './audit/audit-log.controller.js';
import { NativeAuthModule } from './auth/native-auth.module.js';
import { ChannelsController } from './channels/channels.controller.js';
import { SetUpChannelService } from './channels/set-up-channel.service.js';
import { SmartController } from './channels/smart.controller.js';
import { ClientAppsController } from './client-apps/client-apps.controller.js';
import { ManageClientAppService } from './client-apps/manage-client-app.service.js';
import { UnknownPathController } from './http/unknown-path.controller.js';
import { InboxController } from './inbox/inbox.controller.js';
import { NativeMessagesModule } from './native-messages.module.js';
import { OrgUnitsController } from './org-units/org-units.controller.js';
import { TagsController } from './tags/tags.controller.js';
import { TemplatesController } from './templates/templates.controller.js';
import { TokenController } from './token/token.controller.js';
import { ImportUsersService } from './users/import-users.service.js';
import { UsersController } from './users/users.controller.js';
import { SensitiveWordsController } from './words/sensitive-words.controller.js';

/** `/v1`: the administrator's and the integrator's own API. */
@Module({
  imports: [
    PersistenceModule,
    MessagingModule,
    AccessModule,
    AcknowledgeModule,
    NativeAuthModule,
    NativeMessagesModule,
  ],
  controllers: [
    AuditLogController,
    ChannelsController,
    ClientAppsController,
    InboxController,
    OrgUnitsController,
    SensitiveWordsController,
    SmartController,
    TagsController,
    TemplatesController,
    TokenController,
    UsersController,
    UnknownPathController,
  ],
  providers: [
    ImportUsersService,
    ManageClientAppService,
    SetUpChannelService,
    {
      // Judges settings; the gateway never opens an account.
      provide: ProviderRegistry,
      useFactory: (sandbox: SandboxRepository, http: GuardedHttp) =>
        new ProviderRegistry([new SandboxFactory(sandbox), new SmtpFactory(), new WebhookFactory(http)]),
      inject: [SandboxRepository, GuardedHttp],
    },
  ],
})
export class NativeDoorModule {}
