import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, TransportOptions } from '../transport.js';
import { judge, type Tries } from '../verdict.js';
import type { RabbitPublisher } from './rabbit-publisher.js';
import type { Held } from './rabbit-subscription.js';
import type { RabbitTopology } from './rabbit-topology.js';

const MOVE_PAUSE_MS = 1_000;

interface RabbitConsumerParts {
  topology: RabbitTopology;
  publisher: RabbitPublisher;
  options: TransportOptions;
}

/**
 * Handles one delivery and settles it. What fails is published again with `x-attempt` (or `x-waits`) + 1, or into the dead-letter
 * queue with `x-reason`, and only then acknowledged: a crash in between makes a copy, never a gap. Nothing is ever
 * requeued by nack: from 4.3 on that no longer counts towards the delivery limit (fact 1).
 */
export async function consume(
  consumer: Consumer,
  held: Held,
  stopping: AbortSignal,
  { topology, publisher, options }: RabbitConsumerParts,
): Promise<void> {
  const { content, properties } = held.message;
  const verdict = await judge(consumer, content, triesOf(properties.headers), options);
  options.failpoint('consumer.handled-before-ack');
  if (verdict.kind === 'ack') return held.ack();
  if (verdict.kind === 'retry') {
    await pause(verdict.delayMs);
    const { attempt, waits } = verdict.tries;
    return move(topology.queue(consumer.queue), { 'x-attempt': attempt, ...(waits > 0 ? { 'x-waits': waits } : {}) });
  }
  return move(topology.deadLetterQueue(consumer.queue), { 'x-reason': verdict.reason });

  /** Unsettled when the channel is lost or the process stops meanwhile: the broker delivers the message again. */
  async function move(target: string, headers: Record<string, unknown>): Promise<void> {
    while (!held.isLost()) {
      try {
        await publisher.publish({ exchange: '', routingKey: target, queue: consumer.queue }, content, headers);
        return held.ack();
      } catch (error) {
        options.logger.warn({ err: error, queue: consumer.queue }, 'message cannot be moved yet');
      }
      if (stopping.aborted) break;
      await pause(options.jitterMs(MOVE_PAUSE_MS, 0.5));
    }
    // Poison must not wait for the next process to choke on it; this way it only loses its reason.
    if ('x-reason' in headers) held.reject();
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping }).catch(() => undefined);
  }
}

function triesOf(headers: Record<string, unknown> | undefined): Tries {
  return { attempt: countOf(headers?.['x-attempt']) ?? 1, waits: countOf(headers?.['x-waits']) ?? 0 };
}

/** Anything but a sane count is none: the header may come from anywhere. */
function countOf(header: unknown): number | undefined {
  return typeof header === 'number' && Number.isInteger(header) && header > 0 ? header : undefined;
}
