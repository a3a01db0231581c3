import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseSettings, HealthChecks, SealedSecrets } from '#contracts';
import { StatusAnswerRepository } from './accounts/status-answer.repository.js';
import { StatusQueryRepository } from './accounts/status-query.repository.js';
import { AddressHygieneRepository } from './directory/address-hygiene.repository.js';
import { ProviderNewsRepository } from './reporting/provider-news.repository.js';
import { UplinkRepository } from './reporting/uplink.repository.js';
import { ProviderTokenRepository } from './accounts/provider-token.repository.js';
import { AccountHealthRepository } from './accounts/account-health.repository.js';
import { AlarmRepository } from './accounts/alarm.repository.js';
import { SmsBudgetRepository } from './accounts/sms-budget.repository.js';
import { RecipientPacingRepository } from './accounts/recipient-pacing.repository.js';
import { WaitingWorkRepository } from './accounts/waiting-work.repository.js';
import { UnansweredRepository } from './deliveries/unanswered.repository.js';
import { DatabaseClock } from './connection/database-clock.js';
import { AuditedChange } from './connection/audited-change.js';
import { DatabaseAwayError } from './connection/database-away.error.js';
import { Database } from './connection/database.js';
import { PartitionsRepository } from './connection/partitions.repository.js';
import { schemaProblem } from './connection/schema-check.js';
import { WatchedClient } from './connection/sessions.js';
import { AcknowledgeRepository } from './deliveries/acknowledge.repository.js';
import { DeadLetterRepository } from './deliveries/dead-letter.repository.js';
import { DeliveryLogRepository } from './deliveries/delivery-log.repository.js';
import { DeliveryWorkRepository } from './deliveries/delivery-work.repository.js';
import { ExpireRepository } from './deliveries/expire.repository.js';
import { FallbackRepository } from './deliveries/fallback.repository.js';
import { ReplayRepository } from './deliveries/replay.repository.js';
import { SandboxRepository } from './deliveries/sandbox.repository.js';
import { SettleRepository } from './deliveries/settle.repository.js';
import { UnprovenRepository } from './deliveries/unproven.repository.js';
import { AuditRepository } from './directory/audit.repository.js';
import { CatalogWatch } from './directory/catalog-watch.js';
import { CatalogRepository } from './directory/catalog.repository.js';
import { ClientAppRepository } from './directory/client-app.repository.js';
import { OptOutRepository } from './directory/opt-out.repository.js';
import { OrgUnitLookup } from './directory/org-unit-lookup.repository.js';
import { RateWindowRepository } from './directory/rate-window.repository.js';
import { SignedCallRepository } from './directory/signed-call.repository.js';
import { SealedSecretsRepository } from './directory/sealed-secrets.repository.js';
import { RecipientRepository } from './directory/recipient.repository.js';
import { TagRepository } from './directory/tag.repository.js';
import { AuditLogRepository } from './directory/audit-log.repository.js';
import { ChannelAdminRepository } from './directory/channel-admin.repository.js';
import { ClientAppAdminRepository } from './directory/client-app-admin.repository.js';
import { DirectoryUserRepository } from './directory/directory-user.repository.js';
import { FinishWorkRepository } from './deliveries/finish-work.repository.js';
import { InboxRepository } from './inbox/inbox.repository.js';
import { OrgUnitRepository } from './directory/org-unit.repository.js';
import { FollowerRepository } from './directory/follower.repository.js';
import { PublicAccountTemplateRepository } from './directory/public-account-template.repository.js';
import { PublicAccountRepository } from './directory/public-account.repository.js';
import { SensitiveWordRepository } from './directory/sensitive-word.repository.js';
import { TagListRepository } from './directory/tag-list.repository.js';
import { TemplateAdminRepository } from './directory/template-admin.repository.js';
import { TemplateRepository } from './directory/template.repository.js';
import { ENTITIES } from './entities/entities.js';
import { DeviceConfigRepository } from './devices/device-config.repository.js';
import { DeviceAckRepository } from './devices/device-ack.repository.js';
import { DeviceTargetRepository } from './devices/device-target.repository.js';
import { DeviceRepository } from './devices/device.repository.js';
import { MqttMailboxRepository } from './devices/mqtt-mailbox.repository.js';
import { MqttSignInRepository } from './devices/mqtt-sign-in.repository.js';
import { DryRunRepository } from './fan-out/dry-run.repository.js';
import { UpkeepRepository } from './directory/upkeep.repository.js';
import { FanOutRepository } from './fan-out/fan-out.repository.js';
import { CancelRepository } from './messages/cancel.repository.js';
import { LimitedIntakeRepository } from './messages/limited-intake.repository.js';
import { ImConversationListRepository } from './im/im-conversation-list.repository.js';
import { ImConversationRepository } from './im/im-conversation.repository.js';
import { ImRecentsRepository } from './im/im-recents.repository.js';
import { ImUnreadRepository } from './im/im-unread.repository.js';
import { ImOutboxRepository } from './im/im-outbox.repository.js';
import { MessageIntakeRepository } from './messages/message-intake.repository.js';
import { MessageLogRepository } from './messages/message-log.repository.js';
import { OpenTodoRepository } from './messages/open-todo.repository.js';
import { ImAudienceRepository } from './im/im-audience.repository.js';
import { ImPermissionRepository } from './im/im-permission.repository.js';
import { ImSessionRepository } from './im/im-session.repository.js';
import { ImSystemUidRepository } from './im/im-system-uid.repository.js';
import { ImUserTokenRepository } from './im/im-user-token.repository.js';
import { ImChannelRepository } from './im/im-channel.repository.js';
import { ImCommandRepository } from './im/im-command.repository.js';
import { ImHandoverRepository } from './im/im-handover.repository.js';
import { ImHistoryRepository } from './im/im-history.repository.js';
import { ImNodeRepository } from './im/im-node.repository.js';
import { ImSendRepository } from './im/im-send.repository.js';
import { ImStreamRepository } from './im/im-stream.repository.js';
import { ImUpkeepRepository } from './im/im-upkeep.repository.js';
import { RelayBlackListRepository } from './relay/relay-black-list.repository.js';
import { RelayIdentityRepository } from './relay/relay-identity.repository.js';
import { RelayMailboxRepository } from './relay/relay-mailbox.repository.js';
import { RelaySendRepository } from './relay/relay-send.repository.js';
import { RelayUpkeepRepository } from './relay/relay-upkeep.repository.js';
import { ExportRepository } from './reporting/export.repository.js';
import { CallbackRepository } from './reporting/callback.repository.js';
import { ReceiptRepository } from './reporting/receipt.repository.js';
import { FoldRepository } from './reporting/fold.repository.js';
import { PortalEntryRepository } from './portal/portal-entry.repository.js';
import { PortalSessionRepository } from './portal/portal-session.repository.js';
import { ProgressRepository } from './reporting/progress.repository.js';
import { PushTaskRepository } from './reporting/push-task.repository.js';
import { ReportRepository } from './reporting/report.repository.js';
import { SummaryRepository } from './reporting/summary.repository.js';
import { ReminderRepository } from './todos/reminder.repository.js';
import { TodoCardRepository } from './todos/todo-card.repository.js';
import { TodoDeliveriesRepository } from './todos/todo-deliveries.repository.js';
import { TodoRepository } from './todos/todo.repository.js';
import { WorkRepository } from './work/work.repository.js';

const REPOSITORIES = [
  TemplateAdminRepository,
  TagListRepository,
  SensitiveWordRepository,
  OrgUnitRepository,
  PublicAccountRepository,
  FollowerRepository,
  PublicAccountTemplateRepository,
  InboxRepository,
  DirectoryUserRepository,
  ClientAppAdminRepository,
  ChannelAdminRepository,
  AuditLogRepository,
  AccountHealthRepository,
  AcknowledgeRepository,
  AlarmRepository,
  AuditRepository,
  CancelRepository,
  CatalogRepository,
  CatalogWatch,
  ClientAppRepository,
  DeadLetterRepository,
  DeliveryLogRepository,
  DeliveryWorkRepository,
  DeviceConfigRepository,
  DeviceAckRepository,
  DeviceRepository,
  MqttMailboxRepository,
  MqttSignInRepository,
  DeviceTargetRepository,
  DryRunRepository,
  ExportRepository,
  ExpireRepository,
  FallbackRepository,
  FinishWorkRepository,
  FanOutRepository,
  FoldRepository,
  ImAudienceRepository,
  ImChannelRepository,
  ImCommandRepository,
  ImHandoverRepository,
  ImHistoryRepository,
  ImNodeRepository,
  ImPermissionRepository,
  ImSendRepository,
  ImSessionRepository,
  ImStreamRepository,
  ImSystemUidRepository,
  ImUpkeepRepository,
  ImUserTokenRepository,
  ImConversationListRepository,
  ImConversationRepository,
  ImOutboxRepository,
  ImRecentsRepository,
  ImUnreadRepository,
  LimitedIntakeRepository,
  MessageIntakeRepository,
  MessageLogRepository,
  OpenTodoRepository,
  OptOutRepository,
  OrgUnitLookup,
  PartitionsRepository,
  AddressHygieneRepository,
  PortalEntryRepository,
  PortalSessionRepository,
  ProviderNewsRepository,
  ProviderTokenRepository,
  StatusAnswerRepository,
  StatusQueryRepository,
  UplinkRepository,
  RateWindowRepository,
  RecipientPacingRepository,
  RecipientRepository,
  RelayBlackListRepository,
  RelayIdentityRepository,
  RelayMailboxRepository,
  RelaySendRepository,
  RelayUpkeepRepository,
  ReplayRepository,
  ProgressRepository,
  ReportRepository,
  SandboxRepository,
  SettleRepository,
  SignedCallRepository,
  SmsBudgetRepository,
  SummaryRepository,
  TagRepository,
  TemplateRepository,
  ReminderRepository,
  TodoCardRepository,
  TodoDeliveriesRepository,
  TodoRepository,
  UnansweredRepository,
  UnprovenRepository,
  UpkeepRepository,
  WaitingWorkRepository,
  CallbackRepository,
  PushTaskRepository,
  ReceiptRepository,
  WorkRepository,
];

/** One connection pool per process and the repositories on it, shared by all root modules of the process. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [DatabaseSettings],
      useFactory: (settings: DatabaseSettings) => ({
        type: 'postgres',
        url: settings.url,
        poolSize: settings.poolSize,
        applicationName: settings.applicationName,
        entities: ENTITIES,
        synchronize: false,
        retryAttempts: 10,
        retryDelay: 1000,
        extra: {
          statement_timeout: settings.statementTimeoutMs,
          lock_timeout: settings.lockTimeoutMs,
          idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
          // Every query here finds its rows by an index. A plan made while a partition was empty must not become a scan of it.
          // Nor does any run long enough to be worth compiling: a hand-over of a million rows' backlog took 3 s for it.
          options: '-c enable_seqscan=off -c jit=off',
          Client: WatchedClient,
          keepAlive: true,
          // Asks a peer that is silent while nothing is owed; the default is two hours.
          keepAliveInitialDelayMillis: 10_000,
          // Statements are sent when they are asked for, not when the one before is answered: see `Transaction`.
          pipeline: true,
          connectionTimeoutMillis: 10_000,
        },
      }),
    }),
  ],
  providers: [
    AuditedChange,
    Database,
    DatabaseClock,
    { provide: SealedSecrets, useClass: SealedSecretsRepository },
    ...REPOSITORIES,
  ],
  exports: [Database, DatabaseClock, ...REPOSITORIES],
})
export class PersistenceModule {
  constructor(database: Database, health: HealthChecks) {
    let isMigrated = false;
    health.register('database', async () => {
      const away = await database.query('SELECT 1').then(() => null, whyAway);
      if (away !== null) return { ok: false, detail: away };
      if (isMigrated) return { ok: true };
      const detail = await schemaProblem(database);
      isMigrated = detail === null;
      return detail === null ? { ok: true } : { ok: false, detail };
    });
  }
}

/** @throws what is another failure */
function whyAway(error: unknown): string {
  if (!(error instanceof DatabaseAwayError)) throw error;
  return error.reason ?? error.code;
}
