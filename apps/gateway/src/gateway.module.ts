import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule } from '#platform';
import { ImDoorModule } from './doors/im/im-door.module.js';
import { MsgDoorModule } from './doors/msg/msg-door.module.js';
import { NativeDoorModule } from './doors/native/native-door.module.js';
import { PlatformDoorModule } from './doors/platform/platform-door.module.js';
import { PspDoorModule } from './doors/psp/psp-door.module.js';
import { RelayDoorModule } from './doors/relay/relay-door.module.js';
import { PortalModule } from './web/portal/portal.module.js';
import { HealthController } from './web/health.controller.js';

export { createGatewayApp } from './http/create-gateway-app.js';

/** HTTP: the doors, and what they share. */
@Module({
  imports: [
    PlatformModule,
    PersistenceModule,
    MessagingModule,
    ImDoorModule,
    MsgDoorModule,
    NativeDoorModule,
    PlatformDoorModule,
    PspDoorModule,
    RelayDoorModule,
    PortalModule,
  ],
  controllers: [HealthController],
})
export class GatewayModule {}
