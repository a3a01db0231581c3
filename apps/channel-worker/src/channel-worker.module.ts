import { hostname } from 'node:os';
import { Module } from '@nestjs/common';
import { PersistenceModule, ProviderTokenRepository, SandboxRepository } from '#entities';
import { MessagingModule } from '#messaging';
import { AppLogger, GuardedHttp, PlatformModule, SchedulingModule, SecretBox, WorkerConfig } from '#platform';
import { ProviderRegistry, SharedTokenCustody, knownProviders } from '#providers';
import { AccountHealth } from './accounts/account-health.service.js';
import { Accounts } from './accounts/accounts.service.js';
import { Allowances } from './accounts/allowance.service.js';
import { EndOfCalls } from './accounts/end-of-calls.service.js';
import { ListeningAccounts } from './accounts/listening-accounts.service.js';
import { Pacing } from './accounts/pacing.service.js';
import { Quotas } from './accounts/quotas.service.js';
import { RecipientPacing } from './accounts/recipient-pacing.service.js';
import { CallProviderService } from './delivery/call-provider.service.js';
import { ClaimWork } from './delivery/claim-work.service.js';
import { DeliverWorkService } from './delivery/deliver-work.service.js';
import { DeliveryRequestedConsumer } from './delivery/delivery-requested.consumer.js';
import { MessageContent } from './delivery/message-content.service.js';
import { SendDeliveriesService } from './delivery/send-deliveries.service.js';
import { SettleWorkService } from './delivery/settle-work.service.js';
import { NewestConfigs } from './delivery/newest-configs.service.js';
import { SmsBudget } from './delivery/sms-budget.service.js';
import { SplitByDevice } from './devices/split-by-device.service.js';
import { ProviderInboxService } from './news/provider-inbox.service.js';
import { AskProvidersService } from './status-queries/ask-providers.service.js';
import { StatusQueriesJob } from './status-queries/status-queries.job.js';
import { KeepTodoCardsService } from './todo-cards/keep-todo-cards.service.js';
import { ShowTodosDoneService } from './todo-cards/show-todos-done.service.js';
import { TodoCardsJob } from './todo-cards/todo-cards.job.js';
import { ChannelTestAnswerer } from './real-time/channel-test.answerer.js';
import { SendDirectAnswerer } from './real-time/send-direct.answerer.js';
import { SendDirectService } from './real-time/send-direct.service.js';
import { SendNowAnswerer } from './real-time/send-now.answerer.js';

/** Due deliveries → provider calls → outcomes. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule],
  controllers: [DeliveryRequestedConsumer, ChannelTestAnswerer, SendDirectAnswerer, SendNowAnswerer],
  providers: [
    AccountHealth,
    Accounts,
    Allowances,
    EndOfCalls,
    ListeningAccounts,
    Pacing,
    Quotas,
    RecipientPacing,
    CallProviderService,
    ClaimWork,
    DeliverWorkService,
    MessageContent,
    SendDeliveriesService,
    SettleWorkService,
    SendDirectService,
    ProviderInboxService,
    AskProvidersService,
    StatusQueriesJob,
    KeepTodoCardsService,
    ShowTodosDoneService,
    TodoCardsJob,
    NewestConfigs,
    SmsBudget,
    SplitByDevice,
    {
      provide: SharedTokenCustody,
      useFactory: (tokens: ProviderTokenRepository, box: SecretBox, logger: AppLogger) =>
        new SharedTokenCustody(tokens, box, (err) => logger.error({ err }, 'access token could not be kept')),
      inject: [ProviderTokenRepository, SecretBox, AppLogger],
    },
    {
      provide: ProviderRegistry,
      useFactory: (
        sandbox: SandboxRepository,
        http: GuardedHttp,
        custody: SharedTokenCustody,
        inbox: ProviderInboxService,
        { WORKER_NAME }: WorkerConfig,
      ) => {
        const replica = WORKER_NAME ?? hostname();
        return new ProviderRegistry(knownProviders({ sandbox, http, custody, inbox, replica }));
      },
      inject: [SandboxRepository, GuardedHttp, SharedTokenCustody, ProviderInboxService, WorkerConfig],
    },
  ],
})
export class ChannelWorkerModule {}
