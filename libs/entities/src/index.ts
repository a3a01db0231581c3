export { Database, isDataError, sqlStateOf, type Sql } from './connection/database.js';
export { DatabaseClock } from './connection/database-clock.js';
export { runMigrations } from './connection/migrations.js';
export { PartitionsRepository, RED_BELOW_WEEKS } from './connection/partitions.repository.js';
export { decodeDeliveryRef, encodeDeliveryRef, type DeliveryRefParts } from './deliveries/delivery-ref.js';
export {
  DeliveryWorkRepository,
  type AttemptRecord,
  type DueDelivery,
  type MessageForSending,
  type NextWork,
} from './deliveries/delivery-work.repository.js';
export { FallbackRepository, type StartedFallback } from './deliveries/fallback.repository.js';
export { SettleRepository, type DeliveryKey, type SettledOutcome } from './deliveries/settle.repository.js';
export { AuditRepository, type AuditEntry } from './directory/audit.repository.js';
export {
  CATALOG_TOPICS,
  CatalogRepository,
  type CatalogTopic,
  type ChannelConfig,
  type ProviderAccountRow,
  type SmartSettings,
} from './directory/catalog.repository.js';
export { ClientAppRepository, TOKEN_TTL_S, type ClientAppForAuth } from './directory/client-app.repository.js';
export { RateWindowRepository } from './directory/rate-window.repository.js';
export { RecipientRepository, type ReachQuestion } from './directory/recipient.repository.js';
export { TagRepository } from './directory/tag.repository.js';
export { TemplateRepository, type ChannelContent, type CurrentTemplate } from './directory/template.repository.js';
export {
  CHUNK_SIZE,
  FanOutRepository,
  HANDOVER_S,
  type ChunkResult,
  type NewWork,
  type SmallFanOut,
} from './fan-out/fan-out.repository.js';
export { CancelRepository, type CancelResult } from './messages/cancel.repository.js';
export { firstIdAt, isMessageId, newMessageId, timeOfMessageId } from './messages/message-id.js';
export { MessageIntakeRepository } from './messages/message-intake.repository.js';
export type { InsertResult, NewMessage } from './messages/new-message.js';
export { PersistenceModule } from './persistence.module.js';
export { FOLD_BATCH, FoldRepository, type FoldResult } from './reporting/fold.repository.js';
export { ReportRepository, type FoundDelivery, type MessageOverview, type ReportLine } from './reporting/report.repository.js';
export {
  LEASE_S,
  WorkRepository,
  type ClaimedWork,
  type DueKind,
  type DueWork,
  type HandedOver,
} from './work/work.repository.js';
