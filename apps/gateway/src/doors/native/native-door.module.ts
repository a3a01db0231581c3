import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AccessModule } from '../../access/access.module.js';
import { NativeAuthModule } from './auth/native-auth.module.js';
import { UnknownPathController } from './http/unknown-path.controller.js';
import { NativeMessagesModule } from './native-messages.module.js';
import { TokenController } from './token/token.controller.js';

/** `/v1`: the administrator's and the integrator's own API. */
@Module({
  imports: [PersistenceModule, AccessModule, NativeAuthModule, NativeMessagesModule],
  controllers: [TokenController, UnknownPathController],
})
export class NativeDoorModule {}
