import { Module } from '@nestjs/common';
import { PersistenceModule, SandboxRepository } from '#entities';
import { MessagingModule } from '#messaging';
import { GuardedHttp, PlatformModule } from '#platform';
import { ProviderRegistry, SandboxFactory, SmtpFactory, WebhookFactory } from '#providers';
import { Accounts } from './accounts/accounts.service.js';
import { Pacing } from './accounts/pacing.service.js';
import { DeliverWorkService } from './delivery/deliver-work.service.js';
import { DeliveryRequestedConsumer } from './delivery/delivery-requested.consumer.js';
import { MessageContent } from './delivery/message-content.service.js';
import { SettleWorkService } from './delivery/settle-work.service.js';
import { ChannelTestAnswerer } from './test-send/channel-test.answerer.js';

/** Due deliveries → provider calls → outcomes. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule],
  controllers: [DeliveryRequestedConsumer, ChannelTestAnswerer],
  providers: [
    Accounts,
    Pacing,
    DeliverWorkService,
    MessageContent,
    SettleWorkService,
    {
      provide: ProviderRegistry,
      useFactory: (sandbox: SandboxRepository, http: GuardedHttp) =>
        new ProviderRegistry([new SandboxFactory(sandbox), new SmtpFactory(), new WebhookFactory(http)]),
      inject: [SandboxRepository, GuardedHttp],
    },
  ],
})
export class ChannelWorkerModule {}
