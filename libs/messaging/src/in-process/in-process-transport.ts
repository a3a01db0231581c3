import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterQueueOf } from '#contracts';
import { Hearers } from '../hearers.js';
import { InFlight } from '../in-flight.js';
import type { BusState } from '../message-bus.js';
import { BusUnavailableError, PublishTimeoutError, UnroutableError } from '../messaging-errors.js';
import { encodePayload } from '../payload.js';
import { Transport, type Answerer, type Consumer, type Hearer, type TransportOptions } from '../transport.js';
import { FIRST_TRY, judge } from '../verdict.js';
import { InProcessAnswerers } from './in-process-answerers.js';
import { InProcessQueue, type Letter } from './in-process-queue.js';

export interface DeadLetter {
  reason: string;
  content: Buffer;
}

export interface InProcessOptions extends TransportOptions {
  /** Messages one queue holds before senders wait (or, without a handler, before the oldest is dropped). */
  queueBound: number;
}

/**
 * The broker of a process that is alone. Same promises as RabbitMQ but one: a crash loses what is queued, which the
 * rows behind the doorbells make good.
 */
export class InProcessTransport extends Transport {
  readonly isAlone = true;
  private readonly queues: ReadonlyMap<string, InProcessQueue>;
  private readonly dead = new Map<string, DeadLetter[]>();
  private readonly handlers = new InFlight();
  private readonly answerers: InProcessAnswerers;
  private readonly hearers: Hearers;
  private readonly stopping = new AbortController();
  private isClosed = false;
  private dropped = 0;

  constructor(private readonly options: InProcessOptions) {
    super();
    this.queues = new Map(options.queues.map((name) => [name, new InProcessQueue(options.queueBound)]));
    this.answerers = new InProcessAnswerers(options.logger);
    this.hearers = new Hearers(options.logger);
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  async publish(name: string, payload: object): Promise<void> {
    const content = encodePayload(payload);
    if (this.isClosed) throw new BusUnavailableError('closed');
    const queue = this.queues.get(name);
    if (!queue) throw new UnroutableError(name);
    const giveUpAt = performance.now() + this.options.publishDeadlineMs;
    while (queue.isFull) {
      if (!queue.consumer) this.dropOldest(name, queue);
      else if (!(await queue.waitForRoom(giveUpAt - performance.now()))) {
        throw new PublishTimeoutError(name, this.options.publishDeadlineMs);
      }
    }
    queue.push({ content, tries: FIRST_TRY });
    this.pump(queue);
  }

  async request<T>(pattern: string, payload: object, timeoutMs: number): Promise<T> {
    if (this.isClosed) throw new BusUnavailableError('closed');
    return this.answerers.request<T>(pattern, encodePayload(payload), timeoutMs);
  }

  async broadcast(topic: string, payload: object): Promise<void> {
    if (this.isClosed) throw new BusUnavailableError('closed');
    await this.hearers.hear(topic, encodePayload(payload));
  }

  depth(name: string): Promise<number> {
    const depth = this.queues.get(name)?.length ?? this.dead.get(name)?.length;
    if (depth !== undefined) return Promise.resolve(depth);
    const isDeadLetterQueue = this.options.queues.some((queue) => deadLetterQueueOf(queue) === name);
    return isDeadLetterQueue ? Promise.resolve(0) : Promise.reject(new UnroutableError(name));
  }

  /** What was parked from this queue since the process started, newest `queueBound`. */
  deadLetters(name: string): readonly DeadLetter[] {
    return this.dead.get(deadLetterQueueOf(name)) ?? [];
  }

  state(): BusState {
    return this.isClosed ? { connected: false, blocked: false, detail: 'closed' } : { connected: true, blocked: false };
  }

  listen(
    consumers: readonly Consumer[],
    answerers: readonly Answerer[],
    hearers: readonly Hearer[] = [],
  ): Promise<void> {
    for (const consumer of consumers) {
      const queue = this.queues.get(consumer.queue);
      if (!queue) return Promise.reject(new UnroutableError(consumer.queue));
      queue.consumer = consumer;
      this.pump(queue);
    }
    this.answerers.listen(answerers);
    this.hearers.listen(hearers);
    return Promise.resolve();
  }

  async stopListening(): Promise<void> {
    this.stopping.abort();
    const [handlers, requests, heard] = await Promise.all([
      this.handlers.drain(this.options.drainDeadlineMs),
      this.answerers.stop(this.options.drainDeadlineMs),
      this.hearers.stop(this.options.drainDeadlineMs),
    ]);
    const queued = [...this.queues.values()].reduce((sum, queue) => sum + queue.length, 0);
    if (handlers + requests + heard + queued > 0) {
      this.options.logger.warn(
        { handlers, requests, heard, queued },
        'messages left behind, their rows will be due again',
      );
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  private pump(queue: InProcessQueue): void {
    const { consumer } = queue;
    while (consumer && !this.stopping.signal.aborted && queue.running < consumer.prefetch) {
      const letter = queue.shift();
      if (!letter) return;
      queue.running += 1;
      this.handlers.add(this.deliver(queue, consumer, letter), () => {
        queue.running -= 1;
        this.pump(queue);
      });
    }
  }

  private async deliver(queue: InProcessQueue, consumer: Consumer, letter: Letter): Promise<void> {
    const verdict = await judge(consumer, letter.content, letter.tries, this.options);
    if (verdict.kind === 'park') this.park(consumer.queue, { reason: verdict.reason, content: letter.content });
    if (verdict.kind !== 'retry') return;
    // The pause keeps the handler's slot, as on the broker: a failing handler slows itself down.
    await sleep(verdict.delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    // May exceed the bound by the slots in use: a retry that waits for room could wait for itself.
    queue.push({ content: letter.content, tries: verdict.tries });
  }

  private park(name: string, letter: DeadLetter): void {
    const deadQueue = deadLetterQueueOf(name);
    const letters = this.dead.get(deadQueue) ?? [];
    letters.push(letter);
    if (letters.length > this.options.queueBound) letters.shift();
    this.dead.set(deadQueue, letters);
  }

  private dropOldest(name: string, queue: InProcessQueue): void {
    queue.shift();
    this.dropped += 1;
    // Once at the start of every thousand: a queue nobody handles must not flood the log.
    if (this.dropped % 1_000 === 1) {
      this.options.logger.warn({ queue: name, dropped: this.dropped }, 'queue without handler is full, oldest dropped');
    }
  }
}
