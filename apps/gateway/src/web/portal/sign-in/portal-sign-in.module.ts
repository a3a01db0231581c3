import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { PublicAddressModule } from '../../public-address.module.js';
import { PortalPagesModule } from '../page/portal-pages.module.js';
import { EnterController } from './enter.controller.js';
import { LiveSessions } from './live-sessions.service.js';
import { OidcIssuer } from './oidc-issuer.service.js';
import { PortalSessions } from './portal-sessions.service.js';
import { SignInController } from './sign-in.controller.js';
import { SignInStates } from './sign-in-state.service.js';

/** How people get into the portal, and who is in. */
@Module({
  imports: [PersistenceModule, PublicAddressModule, PortalPagesModule],
  controllers: [EnterController, SignInController],
  providers: [LiveSessions, OidcIssuer, PortalSessions, SignInStates],
  exports: [PortalSessions],
})
export class PortalSignInModule {}
