import { Module } from '@nestjs/common';
import { PersistenceModule } from '#entities';
import { MessagingModule } from '#messaging';
import { PlatformModule, SchedulingModule } from '#platform';
import { ImModule } from '../im/im.module.js';
import { ClientPacketsService } from './client-packets.service.js';
import { ChannelAudiences } from './delivery/channel-audiences.js';
import { DeliverMessagesService } from './delivery/deliver-messages.service.js';
import { ImNewsHearer } from './delivery/im-news.hearer.js';
import { ImNewsService } from './delivery/im-news.service.js';
import { ImListener } from './im-listener.service.js';
import { AcknowledgeCommandsService } from './sending/acknowledge-commands.service.js';
import { ClientSendService } from './sending/client-send.service.js';
import { EndSessionsService } from './sessions/end-sessions.service.js';
import { LoginService } from './sessions/login.service.js';
import { SessionRegistry } from './sessions/session-registry.js';
import { TendSessionsJob } from './sessions/tend-sessions.job.js';
import { WatchConnections } from './watch-connections.js';

/** Instant messages in real time: the listener for clients, their sessions, and what is pushed to them. */
@Module({
  imports: [PlatformModule, PersistenceModule, MessagingModule, SchedulingModule, ImModule],
  controllers: [ImNewsHearer],
  providers: [
    AcknowledgeCommandsService,
    ChannelAudiences,
    ClientPacketsService,
    ClientSendService,
    DeliverMessagesService,
    EndSessionsService,
    ImListener,
    ImNewsService,
    LoginService,
    SessionRegistry,
    TendSessionsJob,
    WatchConnections,
  ],
})
export class RealtimeModule {}
