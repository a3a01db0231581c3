import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseSettings } from '#contracts';
import { DatabaseClock } from './connection/database-clock.js';
import { Database } from './connection/database.js';
import { PartitionsRepository } from './connection/partitions.repository.js';
import { DeliveryWorkRepository } from './deliveries/delivery-work.repository.js';
import { FallbackRepository } from './deliveries/fallback.repository.js';
import { SettleRepository } from './deliveries/settle.repository.js';
import { AuditRepository } from './directory/audit.repository.js';
import { CatalogRepository } from './directory/catalog.repository.js';
import { ClientAppRepository } from './directory/client-app.repository.js';
import { RateWindowRepository } from './directory/rate-window.repository.js';
import { RecipientRepository } from './directory/recipient.repository.js';
import { TagRepository } from './directory/tag.repository.js';
import { TemplateRepository } from './directory/template.repository.js';
import { FanOutRepository } from './fan-out/fan-out.repository.js';
import { CancelRepository } from './messages/cancel.repository.js';
import { MessageIntakeRepository } from './messages/message-intake.repository.js';
import { FoldRepository } from './reporting/fold.repository.js';
import { ReportRepository } from './reporting/report.repository.js';
import { WorkRepository } from './work/work.repository.js';

const REPOSITORIES = [
  AuditRepository,
  CancelRepository,
  CatalogRepository,
  ClientAppRepository,
  DeliveryWorkRepository,
  FallbackRepository,
  FanOutRepository,
  FoldRepository,
  MessageIntakeRepository,
  PartitionsRepository,
  RateWindowRepository,
  RecipientRepository,
  ReportRepository,
  SettleRepository,
  TagRepository,
  TemplateRepository,
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
        synchronize: false,
        retryAttempts: 10,
        retryDelay: 1000,
        extra: {
          statement_timeout: settings.statementTimeoutMs,
          lock_timeout: settings.lockTimeoutMs,
          idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
          keepAlive: true,
          connectionTimeoutMillis: 10_000,
        },
      }),
    }),
  ],
  providers: [Database, DatabaseClock, ...REPOSITORIES],
  exports: [Database, DatabaseClock, ...REPOSITORIES],
})
export class PersistenceModule {}
