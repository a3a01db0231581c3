import { Module } from '@nestjs/common';
import { PersistenceModule, SandboxRepository } from '#entities';
import { MessagingModule } from '#messaging';
import { GuardedHttp } from '#platform';
import { ProviderRegistry, SharedTokenCustody, knownProviders, type ProviderInbox } from '#providers';
import { AccessModule } from '../../access/access.module.js';
import { AcknowledgeModule } from '../../acknowledge/acknowledge.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { PublicAccountsModule } from '../../public-accounts/public-accounts.module.js';
import { AlarmsController } from './alarms/alarms.controller.js';
import { AuditLogController } from './audit/audit-log.controller.js';
import { NativeAuthModule } from './auth/native-auth.module.js';
import { ChannelsController } from './channels/channels.controller.js';
import { SetUpChannelService } from './channels/set-up-channel.service.js';
import { SmartController } from './channels/smart.controller.js';
import { AccessReceiptController } from './client-apps/access-receipt.controller.js';
import { AccessReceiptLinks } from './client-apps/access-receipt-links.service.js';
import { ClientAppsController } from './client-apps/client-apps.controller.js';
import { ManageClientAppService } from './client-apps/manage-client-app.service.js';
import { DevicesController } from './devices/devices.controller.js';
import { RegisterDeviceService } from './devices/register-device.service.js';
import { UnknownPathController } from './http/unknown-path.controller.js';
import { InboxController } from './inbox/inbox.controller.js';
import { InboxTodosController } from './inbox/inbox-todos.controller.js';
import { NativeMessagesModule } from './native-messages.module.js';
import { OrgUnitsController } from './org-units/org-units.controller.js';
import { PublicAddressModule } from '../../web/public-address.module.js';
import { PortalSessionsController } from './portal-sessions/portal-sessions.controller.js';
import { ManagePublicAccountService } from './public-accounts/manage-public-account.service.js';
import { PublicAccountsController } from './public-accounts/public-accounts.controller.js';
import { ReceiptsController } from './receipts/receipts.controller.js';
import { ReceivingAccounts } from './receipts/receiving-accounts.service.js';
import { TakeNewsService } from './receipts/take-news.service.js';
import { TagsController } from './tags/tags.controller.js';
import { TemplatesController } from './templates/templates.controller.js';
import { TokenController } from './token/token.controller.js';
import { UplinksController } from './uplinks/uplinks.controller.js';
import { ImportUsersService } from './users/import-users.service.js';
import { UsersController } from './users/users.controller.js';
import { IssueRelayIdentitiesService } from './relay-identities/issue-relay-identities.service.js';
import { RelayIdentitiesController } from './relay-identities/relay-identities.controller.js';
import { SensitiveWordsController } from './words/sensitive-words.controller.js';

/** Nothing arrives on connections that are never opened here. */
const NO_INBOX: ProviderInbox = {
  take: () => Promise.reject(new Error('the gateway keeps no connection to a provider')),
};

/** `/v1`: the administrator's and the integrator's own API. */
@Module({
  imports: [
    PersistenceModule,
    MessagingModule,
    AccessModule,
    AcknowledgeModule,
    CatalogModule,
    NativeAuthModule,
    NativeMessagesModule,
    PublicAccountsModule,
    PublicAddressModule,
  ],
  controllers: [
    AccessReceiptController,
    AlarmsController,
    AuditLogController,
    ChannelsController,
    ClientAppsController,
    DevicesController,
    InboxController,
    InboxTodosController,
    OrgUnitsController,
    PortalSessionsController,
    PublicAccountsController,
    ReceiptsController,
    RelayIdentitiesController,
    SensitiveWordsController,
    SmartController,
    TagsController,
    TemplatesController,
    TokenController,
    UplinksController,
    UsersController,
    UnknownPathController,
  ],
  providers: [
    AccessReceiptLinks,
    ImportUsersService,
    IssueRelayIdentitiesService,
    ManageClientAppService,
    ManagePublicAccountService,
    ReceivingAccounts,
    RegisterDeviceService,
    SetUpChannelService,
    TakeNewsService,
    {
      // Judges settings and reads what providers send; the gateway never opens an account.
      provide: ProviderRegistry,
      useFactory: (sandbox: SandboxRepository, http: GuardedHttp, custody: SharedTokenCustody) =>
        new ProviderRegistry(knownProviders({ sandbox, http, custody, inbox: NO_INBOX, replica: 'gateway' })),
      inject: [SandboxRepository, GuardedHttp, SharedTokenCustody],
    },
  ],
})
export class NativeDoorModule {}
