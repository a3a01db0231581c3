import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { AppLogger, WakeLoop, WorkerConfig } from '#platform';
import { ShowTodosDoneService } from './show-todos-done.service.js';

const LOOK_EVERY_MS = 1000;

/** Changes the cards of closed to-dos on the channels that this replica serves and that have such cards. */
@Injectable()
export class TodoCardsJob implements OnApplicationShutdown {
  private readonly loop: WakeLoop | null;

  constructor(todos: ShowTodosDoneService, logger: AppLogger, { CHANNELS }: WorkerConfig) {
    this.loop = CHANNELS.includes('wecom')
      ? new WakeLoop({
          pass: () => todos.show('wecom'),
          onError: (error) => logger.warn({ err: error }, 'cards of closed to-dos not changed, tried again soon'),
        })
      : null;
  }

  @Interval(LOOK_EVERY_MS)
  look(): void {
    this.loop?.wake();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop?.stop();
  }
}
