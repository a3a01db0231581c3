import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule, SchedulingModule } from '#platform';
import { AlarmWebhook } from './alarms/alarm-webhook.service.js';
import { AlarmsJob } from './alarms/alarms.job.js';
import { CallbackService } from './callbacks/callback.service.js';
import { WebhookSecrets } from './callbacks/webhook-secrets.service.js';
import { DeliverySettledConsumer } from './counters/delivery-settled.consumer.js';
import { FoldService } from './counters/fold.service.js';
import { OverdueWordsJob } from './receipts/overdue-words.job.js';
import { ReceiptsJob } from './receipts/receipts.job.js';

/** Settlements → counters, completed messages, callbacks; receipts → settlements. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule],
  controllers: [DeliverySettledConsumer, ReceiptsJob],
  providers: [AlarmsJob, AlarmWebhook, CallbackService, FoldService, OverdueWordsJob, WebhookSecrets],
})
export class ReportingModule {}
