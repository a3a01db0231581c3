import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { InFlight, settledWithin } from '../in-flight.js';
import type { TransportOptions } from '../transport.js';
import { keepOpen, type Opened } from './keep-open.js';

const CANCEL_TIMEOUT_MS = 2_000;

/** A delivery in our hands. It can be settled once, on the channel that delivered it, or not at all. */
export interface Held {
  readonly message: ConsumeMessage;
  /** The channel is gone: the broker has the message again, and this copy must not be settled any more. */
  isLost(): boolean;
  /** Does nothing when settled already or lost. */
  ack(): void;
  /** Sends the message to the dead-letter exchange, without a reason. */
  reject(): void;
}

export interface RabbitSubscriptionOptions extends Pick<TransportOptions, 'logger' | 'jitterMs'> {
  /** What it is called in logs and states. */
  queue: string;
  prefetch: number;
  /**
   * Subscribes anew when nothing came for so long and no handler runs. RabbitMQ (measured on 3.10) carries a consumer
   * over, without a word, to a quorum queue that is deleted and declared again in one moment, and what it then sends
   * never arrives; only a new channel frees it.
   */
  refreshIdleMs?: number;
  /** Makes sure the queue is there, each time before it is consumed; answers its name on the broker. */
  declare(model: ChannelModel): Promise<string>;
  /** Must not reject; an unsettled delivery keeps its slot until the channel ends. */
  handle(held: Held): Promise<void>;
}

/**
 * Consumes one queue on a channel of its own, so that a channel error stays local (fact 9), and comes back after a
 * channel error, a deleted queue (the consumer gets `null`) or a new connection.
 * Delivery tags start at 1 on every channel: an ack that strays onto another one acknowledges a stranger's message
 * (fact 10), hence `Held`.
 */
export class RabbitSubscription {
  private readonly stopping = new AbortController();
  private readonly handlers = new InFlight();
  /** Deliveries of a new channel wait while handlers of the lost one still run: prefetch bounds both together. */
  private queued: Held[] = [];
  private live?: { channel: Channel; consumerTag: string };
  private isRefreshing = false;
  private lastDeliveryAt = 0;

  constructor(private readonly options: RabbitSubscriptionOptions) {}

  get queue(): string {
    return this.options.queue;
  }

  get isAttached(): boolean {
    return this.live !== undefined || this.isRefreshing;
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Serves until the connection is lost or `stop`; resolves when the first attempt has succeeded or failed. */
  attach(model: ChannelModel, isCurrent: () => boolean): Promise<void> {
    const { queue, logger, jitterMs } = this.options;
    const open = async (): Promise<Opened> => {
      try {
        return await this.subscribe(model);
      } finally {
        this.isRefreshing = false;
      }
    };
    return keepOpen({ name: queue, signal: this.signal, isWanted: isCurrent, open, logger, jitterMs });
  }

  /** Takes no more, waits for handlers, lets the channel go. Answers how many handlers still run. */
  async stop(deadlineMs: number): Promise<number> {
    this.stopping.abort();
    const { live } = this;
    if (live)
      await settledWithin(
        quietly(() => live.channel.cancel(live.consumerTag)),
        CANCEL_TIMEOUT_MS,
      );
    const left = await this.handlers.drain(deadlineMs);
    if (live)
      await settledWithin(
        quietly(() => live.channel.close()),
        CANCEL_TIMEOUT_MS,
      );
    return left;
  }

  private async subscribe(model: ChannelModel): Promise<Opened> {
    const { prefetch } = this.options;
    const queue = await this.options.declare(model);
    const channel = await model.createChannel();
    let reason: string | null = 'channel closed';
    let isOpen = true;
    channel.on('error', (error) => (reason = error.message));
    const end = (why: string | null): void => {
      reason = why;
      void quietly(() => channel.close());
    };
    const closed = new Promise<string | null>((resolve) => {
      channel.on('close', () => {
        isOpen = false;
        clearInterval(watch);
        if (this.live?.channel === channel) this.live = undefined;
        resolve(reason);
      });
    });
    const watch = this.watch(() => {
      this.isRefreshing = true;
      end(null);
    });
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message) this.accept(holdOn(channel, message, () => isOpen));
      else end('queue deleted');
    });
    if (isOpen) this.live = { channel, consumerTag };
    return { closed };
  }

  private watch(refresh: () => void): NodeJS.Timeout | undefined {
    const { refreshIdleMs } = this.options;
    if (refreshIdleMs === undefined) return undefined;
    this.lastDeliveryAt = performance.now();
    return setInterval(() => {
      const isIdle = this.handlers.size === 0 && performance.now() - this.lastDeliveryAt >= refreshIdleMs;
      if (isIdle && this.live && !this.signal.aborted) refresh();
    }, refreshIdleMs).unref();
  }

  private accept(held: Held): void {
    this.lastDeliveryAt = performance.now();
    this.queued.push(held);
    this.pump();
  }

  private pump(): void {
    while (this.handlers.size < this.options.prefetch) {
      const held = this.queued.shift();
      if (!held) return;
      if (held.isLost()) continue;
      this.handlers.add(this.options.handle(held), () => this.pump());
    }
  }
}

function holdOn(channel: Channel, message: ConsumeMessage, isOpen: () => boolean): Held {
  let isSettled = false;
  const settle = (act: () => void): void => {
    if (isSettled || !isOpen()) return; // a second ack would close the channel with 406
    isSettled = true;
    try {
      act();
    } catch {
      // The channel closed in between: the broker delivers the message again.
    }
  };
  return {
    message,
    isLost: () => !isOpen(),
    ack: () => settle(() => channel.ack(message)),
    reject: () => settle(() => channel.nack(message, false, false)),
  };
}

async function quietly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch {
    // Closed meanwhile: that is what was wanted.
  }
}
