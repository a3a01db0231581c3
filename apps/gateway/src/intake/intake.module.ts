import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { CatalogModule } from '../catalog/catalog.module.js';
import { AcceptMessageService } from './accept-message.service.js';
import { CheckMessageService } from './check-message.service.js';
import { CountSmsService } from './count-sms.service.js';
import { FirstAnswer } from './first-answer.service.js';
import { GroupCommit } from './group-commit.service.js';
import { LeaveOutOptOuts } from './leave-out-opt-outs.service.js';
import { PlanMessageService } from './plan-message.service.js';
import { ReachCheck } from './reach-check.service.js';
import { ResolveAudienceService } from './resolve-audience.service.js';

/** Accepts messages: checks, group commit, doorbell. */
@Module({
  imports: [PersistenceModule, MessagingModule, CatalogModule],
  providers: [
    AcceptMessageService,
    CheckMessageService,
    CountSmsService,
    FirstAnswer,
    GroupCommit,
    LeaveOutOptOuts,
    PlanMessageService,
    ReachCheck,
    ResolveAudienceService,
  ],
  exports: [AcceptMessageService, CheckMessageService, FirstAnswer],
})
export class IntakeModule {}
