import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../access/access.module.js';
import { IntakeModule } from '../../intake/intake.module.js';
import { NativeAuthModule } from './auth/native-auth.module.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { DryRunService } from './messages/dry-run.service.js';
import { MessagesController } from './messages/messages.controller.js';
import { SendMessageController } from './messages/send-message.controller.js';
import { TodoController } from './messages/todo.controller.js';
import { ExportDeliveriesService } from './reports/export-deliveries.service.js';
import { ReportsController } from './reports/reports.controller.js';
import { SandboxAccess } from './sandbox/sandbox-access.service.js';
import { SandboxPageController } from './sandbox/sandbox-page.controller.js';
import { SandboxController } from './sandbox/sandbox.controller.js';
import { SandboxGuard } from './sandbox/sandbox.guard.js';

/** Messages, their deliveries, dead letters, reports, the sandbox. */
@Module({
  imports: [PersistenceModule, AccessModule, NativeAuthModule, IntakeModule],
  controllers: [
    SendMessageController,
    MessagesController,
    TodoController,
    DeadLettersController,
    ReportsController,
    SandboxController,
    SandboxPageController,
  ],
  providers: [DryRunService, ExportDeliveriesService, SandboxAccess, SandboxGuard],
})
export class NativeMessagesModule {}
