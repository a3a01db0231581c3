import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { AcknowledgeModule } from '../../acknowledge/acknowledge.module.js';
import { PublicAddressModule } from '../public-address.module.js';
import { BadgeHub } from './events/badge-hub.service.js';
import { EventsController } from './events/events.controller.js';
import { FetchImage } from './images/fetch-image.service.js';
import { ImageController } from './images/image.controller.js';
import { InboxPageController } from './inbox/inbox-page.controller.js';
import { MessageAccess } from './message/message-access.service.js';
import { MessageActionsController } from './message/message-actions.controller.js';
import { MessagePageController } from './message/message-page.controller.js';
import { RepliesService } from './message/replies.service.js';
import { UnknownPageController } from './page/unknown-page.controller.js';
import { PortalPagesModule } from './page/portal-pages.module.js';
import { PortalLinksModule } from './portal-links.module.js';
import { PortalSignInModule } from './sign-in/portal-sign-in.module.js';

/** The web pages on which people read, answer and close what was sent to them. */
@Module({
  imports: [
    PersistenceModule,
    AcknowledgeModule,
    PublicAddressModule,
    PortalLinksModule,
    PortalPagesModule,
    PortalSignInModule,
  ],
  controllers: [
    InboxPageController,
    MessagePageController,
    MessageActionsController,
    EventsController,
    ImageController,
    UnknownPageController,
  ],
  providers: [BadgeHub, FetchImage, MessageAccess, RepliesService],
})
export class PortalModule {}
