import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Channel } from '#contracts';
import { AppLogger, WakeLoop, WorkerConfig } from '#platform';
import { AskProvidersService } from './ask-providers.service.js';

const LOOK_EVERY_MS = 1000;

/** Asks for due references of the channels that this replica serves; a loop each, so that a slow provider holds up its own channel only. */
@Injectable()
export class StatusQueriesJob implements OnApplicationShutdown {
  private readonly loops: readonly WakeLoop[];

  constructor(
    private readonly providers: AskProvidersService,
    private readonly logger: AppLogger,
    config: WorkerConfig,
  ) {
    this.loops = config.CHANNELS.map((channel) => this.loopOf(channel));
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    for (const loop of this.loops) loop.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.loops.map((loop) => loop.stop()));
  }

  private loopOf(channel: Channel): WakeLoop {
    return new WakeLoop({
      pass: () => this.providers.ask(channel),
      onError: (error) =>
        this.logger.warn({ err: error, channel }, 'answers of providers not stored, asked again soon'),
    });
  }
}
