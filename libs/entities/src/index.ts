export {
  StatusQueryRepository,
  type DueStatusQuery,
  type NewStatusQuery,
  type StatusQueryKind,
} from './accounts/status-query.repository.js';
export { StatusAnswerRepository, type AnsweredStatus, type StatusAnswer } from './accounts/status-answer.repository.js';
export {
  AddressHygieneRepository,
  type ChannelAddress,
  type DeadAddress,
} from './directory/address-hygiene.repository.js';
export {
  ProgressRepository,
  type FailedDelivery,
  type FailedRecipient,
  type MessageProgress,
} from './reporting/progress.repository.js';
export { addressAccountOf, type NewReceipt, type NewUplink, type News } from './reporting/provider-news.js';
export { ProviderNewsRepository } from './reporting/provider-news.repository.js';
export {
  UplinkRepository,
  type PulledUplink,
  type Reply,
  type UplinkFilter,
  type UplinkRow,
} from './reporting/uplink.repository.js';
export { ProviderTokenRepository } from './accounts/provider-token.repository.js';
export {
  AccountHealthRepository,
  type AccountHealthRow,
  type AccountState,
  type Trouble,
} from './accounts/account-health.repository.js';
export {
  ALARM_KINDS,
  AlarmRepository,
  type AlarmKind,
  type AlarmRow,
  type DueAlarm,
} from './accounts/alarm.repository.js';
export {
  RecipientPacingRepository,
  reopensInMs,
  type RecipientWindow,
  type WindowGrant,
} from './accounts/recipient-pacing.repository.js';
export { WaitingWorkRepository } from './accounts/waiting-work.repository.js';
export { UnansweredRepository } from './deliveries/unanswered.repository.js';
export { Database, type Sql, type Transaction } from './connection/database.js';
export { DatabaseAwayError, isDatabaseAway } from './connection/database-away.error.js';
export { isDataError, isVictim, sqlStateOf } from './connection/sql-state.js';
export { DatabaseClock } from './connection/database-clock.js';
export { runMigrations } from './connection/migrations.js';
export { PartitionsRepository, RED_BELOW_WEEKS } from './connection/partitions.repository.js';
export {
  DEAD_LETTER_KINDS,
  DeadLetterRepository,
  type DeadLetterFilter,
  type DeadLetterGroup,
  type DeadLetterPlace,
  type DeadLetterKind,
} from './deliveries/dead-letter.repository.js';
export { DeliveryLogRepository, type AttemptRow, type DeliveryRow } from './deliveries/delivery-log.repository.js';
export { decodeDeliveryRef, encodeDeliveryRef, type DeliveryRefParts } from './deliveries/delivery-ref.js';
export {
  CLAIM_HOLDS_S,
  DeliveryWorkRepository,
  type DueDelivery,
  type MessageForSending,
  type WantedWork,
} from './deliveries/delivery-work.repository.js';
export {
  FinishWorkRepository,
  type AttemptRecord,
  type FinishedBatch,
  type FinishedDelivery,
  type NextWork,
  type ProviderRef,
  type SentNumber,
} from './deliveries/finish-work.repository.js';
export { ExpireRepository } from './deliveries/expire.repository.js';
export { FallbackRepository, type FallbackReason, type StartedFallback } from './deliveries/fallback.repository.js';
export { ReplayRepository, type ReplayRequest, type ReplayResult } from './deliveries/replay.repository.js';
export {
  SANDBOX_ACCOUNT,
  SandboxRepository,
  type SandboxFilter,
  type SandboxRow,
} from './deliveries/sandbox.repository.js';
export type { DeliveryKey } from './deliveries/delivery-key.js';
export { SettleRepository, type SettledOutcome } from './deliveries/settle.repository.js';
export { AcknowledgeRepository, type AckResult } from './deliveries/acknowledge.repository.js';
export { DeviceConfigRepository, type ConfigPush } from './devices/device-config.repository.js';
export { DeviceAckRepository, type NewDeviceAck } from './devices/device-ack.repository.js';
export { MqttMailboxRepository, type MailboxEntry } from './devices/mqtt-mailbox.repository.js';
export { MqttSignInRepository, type MqttSignIn } from './devices/mqtt-sign-in.repository.js';
export { DeviceTargetRepository } from './devices/device-target.repository.js';
export { DeviceRepository, type DeviceRow, type NewDevice, type Registration } from './devices/device.repository.js';
export { DryRunRepository, type DryRunQuestion, type DryRunRow } from './fan-out/dry-run.repository.js';
export { UnprovenRepository } from './deliveries/unproven.repository.js';
export { UpkeepRepository } from './directory/upkeep.repository.js';
export { AuditRepository, type AuditEntry } from './directory/audit.repository.js';
export {
  CATALOG_TOPICS,
  CatalogRepository,
  type CatalogTopic,
  type ChannelConfig,
  type ProviderAccountRow,
  type SmartSettings,
} from './directory/catalog.repository.js';
export { CatalogWatch } from './directory/catalog-watch.js';
export { ClientAppRepository, TOKEN_TTL_S, type ClientAppForAuth } from './directory/client-app.repository.js';
export { OrgUnitLookup } from './directory/org-unit-lookup.repository.js';
export { RateWindowRepository } from './directory/rate-window.repository.js';
export { SignedCallRepository, type SignedCallOnce } from './directory/signed-call.repository.js';
export { RecipientRepository, type ReachQuestion } from './directory/recipient.repository.js';
export { TagRepository } from './directory/tag.repository.js';
export { TemplateRepository, type ChannelContent, type CurrentTemplate } from './directory/template.repository.js';
export { CHUNK_SIZE, type ChunkResult } from './fan-out/audience-chunks.js';
export { HANDOVER_S } from './fan-out/fan-out-end.sql.js';
export { FanOutRepository, type NewWork, type SmallFanOut } from './fan-out/fan-out.repository.js';
export { CancelRepository, type CancelResult } from './messages/cancel.repository.js';
export { firstIdAt, isMessageId, newMessageId, timeOfMessageId } from './messages/message-id.js';
export {
  MessageLogRepository,
  type MessageFilter,
  type MessagePage,
  type MessageRow,
} from './messages/message-log.repository.js';
export { MessageIntakeRepository } from './messages/message-intake.repository.js';
export { OptOutRepository } from './directory/opt-out.repository.js';
export type { InsertResult, NewMessage } from './messages/new-message.js';
export {
  ImChannelRepository,
  type ImChannelFlags,
  type ImChannelKey,
  type ImList,
} from './im/im-channel.repository.js';
export { ImCommandRepository } from './im/im-command.repository.js';
export { ImAudienceRepository, type ImMembership } from './im/im-audience.repository.js';
export { ImHandoverRepository } from './im/im-handover.repository.js';
export { ImHistoryRepository, type ImLogPage, type ImRange, type ImShown } from './im/im-history.repository.js';
export { ImNodeRepository, type ImNodeLease } from './im/im-node.repository.js';
export {
  ImPermissionRepository,
  type ImAskedPermission,
  type ImPermissionFacts,
} from './im/im-permission.repository.js';
export {
  ImSessionRepository,
  type ImEndedSession,
  type ImLiveSession,
  type ImLogin,
  type ImLoginAnswer,
  type ImOnlineDevice,
} from './im/im-session.repository.js';
export { ImSystemUidRepository } from './im/im-system-uid.repository.js';
export { ImUserTokenRepository, type ImDeviceToken } from './im/im-user-token.repository.js';
export { ImSendRepository } from './im/im-send.repository.js';
export type { ImOutgoing, ImPlaced, ImStorage } from './im/im-outgoing.js';
export { ImStreamRepository } from './im/im-stream.repository.js';
export { ImUpkeepRepository } from './im/im-upkeep.repository.js';
export { PersistenceModule } from './persistence.module.js';
export { ENTRY_TTL_S, PortalEntryRepository, type PortalEntry } from './portal/portal-entry.repository.js';
export { PortalSessionRepository } from './portal/portal-session.repository.js';
export { ExportRepository, type ExportRange, type ExportRow } from './reporting/export.repository.js';
export {
  SUMMARY_GROUPS,
  SummaryRepository,
  type SummaryGroup,
  type SummaryLine,
  type SummaryQuestion,
} from './reporting/summary.repository.js';
export { CallbackRepository, type DueCallback } from './reporting/callback.repository.js';
export {
  PushTaskRepository,
  type PushCounts,
  type PushTagSums,
  type PushTask,
  type PushTaskLine,
} from './reporting/push-task.repository.js';
export { ReceiptRepository } from './reporting/receipt.repository.js';
export { FoldRepository, type FoldResult } from './reporting/fold.repository.js';
export {
  ReportRepository,
  type FoundDelivery,
  type MessageOverview,
  type ReportLine,
} from './reporting/report.repository.js';
export { TodoCardRepository, type DueTodoCard, type NewTodoCard } from './todos/todo-card.repository.js';
export {
  LEASE_S,
  WorkRepository,
  type ClaimedWork,
  type DueKind,
  type DueWork,
  type HandedOver,
  type HandOverOrder,
} from './work/work.repository.js';
export { AuditLogRepository, type AuditFilter, type AuditRow } from './directory/audit-log.repository.js';
export {
  ChannelAdminRepository,
  type ChannelSetUp,
  type NewProviderAccount,
} from './directory/channel-admin.repository.js';
export {
  ClientAppAdminRepository,
  type ClientAppFields,
  type ClientAppRow,
} from './directory/client-app-admin.repository.js';
export {
  DirectoryUserRepository,
  type DirectoryUser,
  type DirectoryUserRow,
  type OptOuts,
  type SuspendedAddress,
  type UserAddress,
} from './directory/directory-user.repository.js';
export {
  INBOX_TYPES,
  type InboxBadge,
  type InboxCounts,
  type InboxMessage,
  type InboxPage,
  type InboxQuestion,
  type InboxRow,
  type InboxType,
} from './inbox/inbox-row.js';
export { InboxRepository } from './inbox/inbox.repository.js';
export { OrgUnitRepository, type OrgUnitRow } from './directory/org-unit.repository.js';
export { SensitiveWordRepository, type WordLists } from './directory/sensitive-word.repository.js';
export { TagListRepository, type TagRow } from './directory/tag-list.repository.js';
export {
  TemplateAdminRepository,
  type TemplateFields,
  type TemplateRow,
} from './directory/template-admin.repository.js';
export { ENTITIES } from './entities/entities.js';
export { SmsBudgetRepository, type SegmentsOfDelivery, type SegmentsUsed } from './accounts/sms-budget.repository.js';
export {
  PublicAccountRepository,
  type PublicAccountFields,
  type PublicAccountRow,
} from './directory/public-account.repository.js';
export { FollowerRepository, type Follower, type FollowerList } from './directory/follower.repository.js';
export {
  PublicAccountTemplateRepository,
  type PublicAccountTemplate,
} from './directory/public-account-template.repository.js';
export { ReminderRepository } from './todos/reminder.repository.js';
export { TODO_STATES, TodoRepository, type SetTodoResult, type TodoState } from './todos/todo.repository.js';
export type { RelayCaller } from './relay/relay-calls.js';
export { RelayBlackListRepository, type BlockedSender } from './relay/relay-black-list.repository.js';
export {
  RelayIdentityRepository,
  type NewRelayIdentity,
  type RelayIdentityRow,
} from './relay/relay-identity.repository.js';
export { RelayMailboxRepository, type PulledMailbox } from './relay/relay-mailbox.repository.js';
export {
  RelaySendRepository,
  type JudgedSend,
  type RelayCircumstances,
  type RelaySends,
} from './relay/relay-send.repository.js';
export { RelayUpkeepRepository } from './relay/relay-upkeep.repository.js';
export { ImConversationListRepository, type ImConversationRow } from './im/im-conversation-list.repository.js';
export { ImRecentsRepository, type ImRecentsQuestion } from './im/im-recents.repository.js';
export { ImUnreadRepository, type ImConversationName } from './im/im-unread.repository.js';
export { ImOutboxRepository, type ImListEvent, type ImPush, type ImTelling } from './im/im-outbox.repository.js';
