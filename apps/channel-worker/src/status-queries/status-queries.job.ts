import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Channel } from '#contracts';
import { StatusQueryRepository } from '#entities';
import { AppLogger, WakeLoop, WorkerConfig } from '#platform';
import { AskProvidersService } from './ask-providers.service.js';

const LOOK_EVERY_MS = 1000;

/** Asks for due references of the channels that this replica serves; a loop each, so that a slow provider holds up its own channel only. */
@Injectable()
export class StatusQueriesJob implements OnApplicationShutdown {
  private readonly looking: WakeLoop;
  private readonly loops: ReadonlyMap<Channel, WakeLoop>;

  constructor(
    private readonly providers: AskProvidersService,
    queries: StatusQueryRepository,
    private readonly logger: AppLogger,
    config: WorkerConfig,
  ) {
    this.loops = new Map(config.CHANNELS.map((channel) => [channel, this.loopOf(channel)]));
    this.looking = new WakeLoop({
      pass: async () => {
        for (const channel of await queries.dueChannels(config.CHANNELS)) this.loops.get(channel)?.wake();
        return false;
      },
      onError: (error) => this.logger.warn({ err: error }, 'no look at what providers are to be asked, next one soon'),
    });
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.looking.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.looking, ...this.loops.values()].map((loop) => loop.stop()));
  }

  private loopOf(channel: Channel): WakeLoop {
    return new WakeLoop({
      pass: () => this.providers.ask(channel),
      onError: (error) =>
        this.logger.warn({ err: error, channel }, 'answers of providers not stored, asked again soon'),
    });
  }
}
