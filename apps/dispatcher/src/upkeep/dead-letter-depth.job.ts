import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { ALL_QUEUES, deadLetterQueueOf } from '#contracts';
import { MessageBus } from '#messaging';
import { Metrics } from '#platform';

const MINUTE_MS = 60 * 1000;

/** Shows how many broker messages were parked because nobody could handle them. More than none deserves a look. */
@Injectable()
export class DeadLetterDepthJob {
  constructor(
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
  ) {}

  @Interval(MINUTE_MS)
  async look(): Promise<void> {
    const depths = await Promise.allSettled(ALL_QUEUES.map((queue) => this.bus.depth(deadLetterQueueOf(queue))));
    if (depths.some((depth) => depth.status === 'rejected')) return; // no broker, no news: the gauge keeps its value
    this.metrics.deadLetters.set(
      depths.reduce((sum, depth) => sum + (depth.status === 'fulfilled' ? depth.value : 0), 0),
    );
  }
}
