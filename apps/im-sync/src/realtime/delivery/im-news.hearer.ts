import { Controller } from '@nestjs/common';
import { IM_TOPIC, ImChannelChangedV1, ImEndedV1, ImSentV1, imDeliveriesOf } from '#contracts';
import { ImSessionRepository } from '#entities';
import { Hear } from '#messaging';
import { EndSessionsService } from '../sessions/end-sessions.service.js';
import { SessionRegistry } from '../sessions/session-registry.js';
import { ChannelAudiences } from './channel-audiences.js';
import { DeliverMessagesService } from './deliver-messages.service.js';

/** What any process of the center committed, as it matters to those who are connected here. */
@Controller()
export class ImNewsHearer {
  constructor(
    private readonly delivering: DeliverMessagesService,
    private readonly audiences: ChannelAudiences,
    private readonly registry: SessionRegistry,
    private readonly sessions: ImSessionRepository,
    private readonly ending: EndSessionsService,
  ) {}

  @Hear(IM_TOPIC.sent, ImSentV1)
  async sent(news: ImSentV1): Promise<void> {
    if (this.registry.size > 0) await this.delivering.deliver(imDeliveriesOf(news));
  }

  @Hear(IM_TOPIC.channelChanged, ImChannelChangedV1)
  channelChanged({ channelKeys }: ImChannelChangedV1): void {
    this.audiences.changed(channelKeys);
  }

  @Hear(IM_TOPIC.ended, ImEndedV1)
  async ended({ sessionIds }: ImEndedV1): Promise<void> {
    if (!sessionIds.some((sessionId) => this.registry.find(sessionId))) return;
    this.ending.end(await this.sessions.ended(this.registry.replicaId));
  }
}
