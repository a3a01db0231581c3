import { AccessTokenEntity } from './access-token.entity.js';
import { AccountHealthEntity } from './account-health.entity.js';
import { AlarmEntity } from './alarm.entity.js';
import { AuditLogEntity } from './audit-log.entity.js';
import { CallbackEntity } from './callback.entity.js';
import { CatalogRevisionEntity } from './catalog-revision.entity.js';
import { ChannelConfigEntity } from './channel-config.entity.js';
import { ClientAppEntity } from './client-app.entity.js';
import { DeadLetterEntity } from './dead-letter.entity.js';
import { DeliveryAttemptEntity } from './delivery-attempt.entity.js';
import { DeliveryEntity } from './delivery.entity.js';
import { DeviceConfigEntity } from './device-config.entity.js';
import { DeviceEntity } from './device.entity.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { ImChannelEntity } from './im-channel.entity.js';
import { ImCommandEntity } from './im-command.entity.js';
import { ImHandoverEntity } from './im-handover.entity.js';
import { ImListedEntity } from './im-listed.entity.js';
import { ImMessageEntity } from './im-message.entity.js';
import { ImNodeEntity } from './im-node.entity.js';
import { ImReplicaEntity } from './im-replica.entity.js';
import { ImSessionEntity } from './im-session.entity.js';
import { ImStreamChunkEntity } from './im-stream-chunk.entity.js';
import { ImStreamEntity } from './im-stream.entity.js';
import { ImSubscriberEntity } from './im-subscriber.entity.js';
import { ImSystemUidEntity } from './im-system-uid.entity.js';
import { ImUserEntity } from './im-user.entity.js';
import { ImUserQueueEntity } from './im-user-queue.entity.js';
import { ImUserTokenEntity } from './im-user-token.entity.js';
import { MessageStateEntity } from './message-state.entity.js';
import { ImConversationEntity } from './im-conversation.entity.js';
import { ImOutboxEntity } from './im-outbox.entity.js';
import { MessageEntity } from './message.entity.js';
import { MqttMailboxEntity } from './mqtt-mailbox.entity.js';
import { OpenTodoEntity } from './open-todo.entity.js';
import { OptOutEntity } from './opt-out.entity.js';
import { OrgUnitEntity } from './org-unit.entity.js';
import { PortalEntryEntity } from './portal-entry.entity.js';
import { PortalSessionEntity } from './portal-session.entity.js';
import { ProviderAccountEntity } from './provider-account.entity.js';
import { ProviderRefEntity } from './provider-ref.entity.js';
import { ProviderTokenEntity } from './provider-token.entity.js';
import { PublicAccountFollowerEntity } from './public-account-follower.entity.js';
import { PublicAccountTemplateEntity } from './public-account-template.entity.js';
import { PublicAccountEntity } from './public-account.entity.js';
import { RateWindowEntity } from './rate-window.entity.js';
import { ReceiptEntity } from './receipt.entity.js';
import { RecipientAddressEntity } from './recipient-address.entity.js';
import { RecipientOrgUnitEntity } from './recipient-org-unit.entity.js';
import { RecipientWindowEntity } from './recipient-window.entity.js';
import { RecipientEntity } from './recipient.entity.js';
import { RelayBlockEntity } from './relay-block.entity.js';
import { RelayContactEntity } from './relay-contact.entity.js';
import { RelayIdentityEntity } from './relay-identity.entity.js';
import { RelayMessageEntity } from './relay-message.entity.js';
import { RelayPullEntity } from './relay-pull.entity.js';
import { RelayQuotaEntity } from './relay-quota.entity.js';
import { ReportHourEntity } from './report-hour.entity.js';
import { SandboxMessageEntity } from './sandbox-message.entity.js';
import { SensitiveWordEntity } from './sensitive-word.entity.js';
import { SentNumberEntity } from './sent-number.entity.js';
import { SettingEntity } from './setting.entity.js';
import { SettlementEntity } from './settlement.entity.js';
import { SignedCallEntity } from './signed-call.entity.js';
import { SmsBudgetEntity } from './sms-budget.entity.js';
import { StatusQueryEntity } from './status-query.entity.js';
import { TagMemberEntity } from './tag-member.entity.js';
import { TagEntity } from './tag.entity.js';
import { TemplateVersionEntity } from './template-version.entity.js';
import { TemplateEntity } from './template.entity.js';
import { TodoCardEntity } from './todo-card.entity.js';
import { UplinkEntity } from './uplink.entity.js';
import { WorkEntity } from './work.entity.js';

/** Every table, listed as classes: a glob would find nothing in a bundle. */
export const ENTITIES = [
  AccessTokenEntity,
  AccountHealthEntity,
  AlarmEntity,
  AuditLogEntity,
  CallbackEntity,
  CatalogRevisionEntity,
  ChannelConfigEntity,
  ClientAppEntity,
  DeadLetterEntity,
  DeliveryAttemptEntity,
  DeliveryEntity,
  DeviceConfigEntity,
  DeviceEntity,
  IdempotencyKeyEntity,
  ImChannelEntity,
  ImCommandEntity,
  ImHandoverEntity,
  ImListedEntity,
  ImMessageEntity,
  ImNodeEntity,
  ImReplicaEntity,
  ImSessionEntity,
  ImStreamChunkEntity,
  ImStreamEntity,
  ImSubscriberEntity,
  ImSystemUidEntity,
  ImUserEntity,
  ImUserQueueEntity,
  ImUserTokenEntity,
  ImConversationEntity,
  ImOutboxEntity,
  MessageEntity,
  MessageStateEntity,
  MqttMailboxEntity,
  OpenTodoEntity,
  OptOutEntity,
  OrgUnitEntity,
  PortalEntryEntity,
  PortalSessionEntity,
  ProviderAccountEntity,
  ProviderRefEntity,
  ProviderTokenEntity,
  PublicAccountEntity,
  PublicAccountFollowerEntity,
  PublicAccountTemplateEntity,
  RateWindowEntity,
  ReceiptEntity,
  RecipientAddressEntity,
  RecipientEntity,
  RecipientOrgUnitEntity,
  RecipientWindowEntity,
  RelayBlockEntity,
  RelayContactEntity,
  RelayIdentityEntity,
  RelayMessageEntity,
  RelayPullEntity,
  RelayQuotaEntity,
  ReportHourEntity,
  SandboxMessageEntity,
  SensitiveWordEntity,
  SentNumberEntity,
  SettingEntity,
  SettlementEntity,
  SignedCallEntity,
  SmsBudgetEntity,
  StatusQueryEntity,
  TagEntity,
  TagMemberEntity,
  TemplateEntity,
  TemplateVersionEntity,
  TodoCardEntity,
  UplinkEntity,
  WorkEntity,
];
