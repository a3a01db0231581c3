export { AppError, ERROR_KINDS, type ErrorKind } from './app-error.js';
export {
  CHANNELS,
  DEFAULT_CHANNEL_ORDER,
  DEFAULT_EXPIRY_HOURS,
  OUTGOING_CHANNELS,
  accountKey,
  isChannel,
  type Channel,
} from './channel.js';
export { CONTENT_FORMATS, type ContentFormat } from './content-format.js';
export { ImWebhookSettings } from './im-webhook-settings.js';
export { DatabaseSettings } from './database-settings.js';
export {
  DELIVERY_STATUS,
  DELIVERY_STATUSES,
  deliveryStatusName,
  rankOf,
  type DeliveryStatus,
} from './delivery-status.js';
export {
  DEVICE_PLATFORMS,
  DEVICE_SEPARATOR,
  DEVICE_TOKEN,
  MAX_DEVICES_OF_PERSON,
  PUSH_DISPLAYS,
  PUSH_PROVIDERS,
  type DevicePlatform,
  type PushDisplay,
  type PushPayload,
  type PushProvider,
  type WebPushSubscription,
} from './device.js';
export {
  BATCH_DELIVERIES,
  ChannelTestV1,
  DeliveryRequestedV1,
  DeliverySettledV1,
  MessageAcceptedV1,
  ReceiptArrivedV1,
  type ChannelTestAnswer,
} from './events.js';
export {
  DirectContentV1,
  MAX_DIRECT_ADDRESSES,
  SendDirectV1,
  SendNowV1,
  type DirectOutcome,
  type SendDirectAnswer,
  type SendNowAnswer,
} from './real-time.js';
export { HealthChecks } from './health-checks.js';
export { SealedSecrets, type SealedSecret } from './sealed-secrets.js';
export {
  IM_CHANGES,
  IM_FEATURE,
  IM_FLAG,
  IM_GROUP,
  IM_INFO,
  IM_PERSON,
  IM_REFUSALS,
  IM_RPC,
  IM_SETTING_STREAM,
  ImChangeV1,
  ImHandedOverV1,
  ImSendBatchV1,
  ImSendV1,
  MAX_IM_SENDS,
  type ImChange,
  type ImChangeAnswer,
  type ImDelivery,
  type ImMessage,
  type ImNewMessage,
  type ImRefusal,
  type ImSendAnswer,
  type ImSendBatchAnswer,
  type ImSent,
  type ImStreamChunk,
} from './im.js';
export {
  IM_MASTER,
  IM_QUEUED,
  IM_SESSION_ENDS,
  IM_SLAVE,
  IM_TOPIC,
  ImChannelChangedV1,
  ImEndedV1,
  ImSentV1,
  MAX_IM_PUSH_BYTES,
  MAX_IM_SENT,
  type ImSessionEnd,
} from './im-live.js';
export { columnsOfImSent, imDeliveriesOf } from './im-sent-columns.js';
export { personChannel, type ImPersonChannel } from './im-channel-id.js';
export { imMessageJson, withImStreams } from './im-message-json.js';
export { columnsOfImSends, imFlags, imFlagsOf, imSendsOf, type ImFlags } from './im-send-columns.js';
export { INBOX_STATE, INBOX_STATES, inboxStateName, type InboxState } from './inbox-state.js';
export {
  DEVICE_STEP,
  DOORS,
  MESSAGE_KINDS,
  MESSAGE_STATUSES,
  PLAN_MODES,
  PORTAL_BESIDE_STEP,
  PRIORITY,
  STEPS_PER_RECIPIENT,
  isToDevice,
  ordinalOf,
  stepOf,
  type Audience,
  type DeviceAudience,
  type Door,
  type InlineContent,
  type MessageKind,
  type MessageStatus,
  type Params,
  type Plan,
  type PlanMode,
  type PlanStep,
  type Priority,
  type SuccessState,
} from './message.js';
export { OUTCOME_CLASSES, type OutcomeClass } from './outcome.js';
export { ALL_QUEUES, QUEUES, RPC, deadLetterQueueOf } from './queues.js';
export {
  MAX_PULLED,
  MAX_RELAYED,
  RELAY_LIMITS,
  RELAY_ROLES,
  RELAY_RPC,
  RelayChangeV1,
  RelayPullV1,
  RelaySendV1,
  type RelayBody,
  type RelayChangeAnswer,
  type RelayEntry,
  type RelayPull,
  type RelayPullAnswer,
  type RelayRole,
  type RelaySendAnswer,
  type RelayVerdict,
} from './relay.js';
