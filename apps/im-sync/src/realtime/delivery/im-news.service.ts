import { Injectable, type OnModuleInit } from '@nestjs/common';
import { columnsOfImSent, IM_TOPIC, type ImChannelChangedV1, type ImDelivery } from '#contracts';
import { MessageBus } from '#messaging';
import { AppLogger } from '#platform';
import { ImEvents } from '../../im/im-events.js';
import { SessionRegistry } from '../sessions/session-registry.js';

/** Tells every process with a listener what was committed here, this one included: once for all that was committed together. */
@Injectable()
export class ImNewsService implements OnModuleInit {
  constructor(
    private readonly events: ImEvents,
    private readonly bus: MessageBus,
    private readonly registry: SessionRegistry,
    private readonly logger: AppLogger,
  ) {}

  onModuleInit(): void {
    this.events.onSent((deliveries) => {
      const isNobodyThere = this.bus.isAlone && this.registry.size === 0;
      if (!isNobodyThere) this.tellSent(deliveries());
    });
    this.events.onChannelChanged(({ channelKey }) => {
      const news: ImChannelChangedV1 = { channelKeys: [channelKey] };
      void this.tell(IM_TOPIC.channelChanged, news);
    });
  }

  /** All parts at once: they are heard in the order of the calls, and nothing that is committed next comes between them. */
  private tellSent(deliveries: readonly ImDelivery[]): void {
    for (const news of columnsOfImSent(deliveries)) void this.tell(IM_TOPIC.sent, news);
  }

  private async tell(topic: string, news: object): Promise<void> {
    try {
      await this.bus.broadcast(topic, news);
    } catch (error) {
      this.logger.warn({ err: error, topic }, 'other processes were not told, their clients find it in the log');
    }
  }
}
