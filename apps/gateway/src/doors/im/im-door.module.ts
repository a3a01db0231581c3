import { Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { ImConfig } from '#platform';
import { AccessModule } from '../../access/access.module.js';
import { PublicAddressModule } from '../../web/public-address.module.js';
import { AskImService } from './ask-im.service.js';
import { ChannelPages } from './channel-pages.service.js';
import { ImChannelsController } from './im-channels.controller.js';
import { ImConversationController } from './im-conversation.controller.js';
import { ImHistoryController } from './im-history.controller.js';
import { ImMessagesController } from './im-messages.controller.js';
import { ImRouteController } from './im-route.controller.js';
import { ImStreamsController } from './im-streams.controller.js';
import { ImUsersController } from './im-users.controller.js';
import { SendBatchService } from './send-batch.service.js';
import { answerUnknownPaths } from './unknown-paths.js';

/** Door `im`: the message API of an IM server. */
@Module({
  imports: [PersistenceModule, MessagingModule, AccessModule, PublicAddressModule],
  controllers: [
    ImMessagesController,
    ImHistoryController,
    ImChannelsController,
    ImStreamsController,
    ImConversationController,
    ImRouteController,
    ImUsersController,
  ],
  providers: [AskImService, ChannelPages, SendBatchService],
})
export class ImDoorModule implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly config: ImConfig,
  ) {}

  onModuleInit(): void {
    answerUnknownPaths(this.host.httpAdapter.getInstance<FastifyInstance>(), this.config.IM_CORS_ORIGINS);
  }
}
