import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../access/access.module.js';
import { AcknowledgeModule } from '../../acknowledge/acknowledge.module.js';
import { IntakeModule } from '../../intake/intake.module.js';
import { MsgDirectoryController } from './msg-directory.controller.js';
import { MsgReceiptController } from './msg-receipt.controller.js';
import { MsgSendController } from './msg-send.controller.js';
import { RegisteredAccount } from './registered-account.service.js';
import { SendReportService } from './send-report.service.js';

/** Door `msg`: `/msg/*`. */
@Module({
  imports: [PersistenceModule, AccessModule, IntakeModule, AcknowledgeModule],
  controllers: [MsgSendController, MsgDirectoryController, MsgReceiptController],
  providers: [RegisteredAccount, SendReportService],
})
export class MsgDoorModule {}
