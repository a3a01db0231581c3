import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../access/access.module.js';
import { CatalogModule } from '../../catalog/catalog.module.js';
import { IntakeModule } from '../../intake/intake.module.js';
import { CallOnce } from './call-once.service.js';
import { DeviceLookup } from './device-lookup.service.js';
import { PspPushController } from './psp-push.controller.js';
import { PspTaskController } from './psp-task.controller.js';
import { PspUnknownPathController } from './psp-unknown-path.controller.js';
import { PushTaskService } from './push-task.service.js';
import { SendPushService } from './send-push.service.js';
import { SigningApps } from './signing-apps.service.js';

/** Door `psp`: `/psp/push/*`. */
@Module({
  imports: [PersistenceModule, AccessModule, CatalogModule, IntakeModule],
  // The last one takes what the others do not.
  controllers: [PspPushController, PspTaskController, PspUnknownPathController],
  providers: [CallOnce, DeviceLookup, PushTaskService, SendPushService, SigningApps],
})
export class PspDoorModule {}
