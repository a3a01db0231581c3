import { randomUUID } from 'node:crypto';
import type { ConfirmChannel } from 'amqplib';
import { BusUnavailableError, PublishTimeoutError, UnroutableError } from '../messaging-errors.js';
import type { TransportOptions } from '../transport.js';

/** Unconfirmed messages on the wire at a time. `publish() === false` still queues (memory!), so the bound is ours. */
const WINDOW = 500;
/** Publications that may wait for the window; beyond that the caller is told at once. */
const MAX_WAITING = 10_000;

/** Where a publication goes. `queue` is the name callers know, for errors. */
export interface Route {
  exchange: string;
  routingKey: string;
  queue: string;
  /** For whoever happens to hear it: not kept over a restart of the broker, and no error where that is nobody. */
  isFleeting?: boolean;
  /** Process that published, where hearers need to know. */
  origin?: string;
}

interface Publication {
  messageId: string;
  route: Route;
  content: Buffer;
  headers: Record<string, unknown>;
  isReturned: boolean;
  isOver: boolean;
  settle(error?: Error): void;
}

export interface RabbitPublisherOptions extends Pick<TransportOptions, 'publishDeadlineMs' | 'failpoint'> {
  /** A route led nowhere although everything was declared at connect. */
  onUnroutable(route: Route): void;
}

/**
 * Confirmed publishing with a deadline of its own, because the library has none (fact 5). Every message is mandatory
 * and correlated with its return, because an unroutable one is confirmed too (fact 4).
 */
export class RabbitPublisher {
  private channel?: ConfirmChannel;
  /** On the wire, by message id. A slot stays taken after the deadline until the broker answers or the channel ends:
   *  freeing it would let a silent broker fill the memory, 500 messages a deadline. */
  private readonly sent = new Map<string, Publication>();
  private waiting: Publication[] = [];
  private isPaused = false;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly options: RabbitPublisherOptions) {}

  get isAttached(): boolean {
    return this.channel !== undefined;
  }

  attach(channel: ConfirmChannel): void {
    this.channel = channel;
    this.isPaused = false;
    channel.on('return', ({ properties }) => {
      const publication = this.sent.get(String(properties.messageId));
      if (publication) publication.isReturned = true;
    });
    channel.on('drain', () => {
      this.isPaused = false;
      this.pump();
    });
    channel.on('close', () => this.detach(channel));
  }

  /** @throws PublishTimeoutError, UnroutableError, BusUnavailableError */
  publish(route: Route, content: Buffer, headers: Record<string, unknown> = {}): Promise<void> {
    if (!this.channel) return Promise.reject(new BusUnavailableError('not connected'));
    if (this.waiting.length >= MAX_WAITING) return Promise.reject(new BusUnavailableError('too many wait to be sent'));
    return new Promise<void>((resolve, reject) => {
      const deadlineMs = this.options.publishDeadlineMs;
      const timer = setTimeout(() => publication.settle(new PublishTimeoutError(route.queue, deadlineMs)), deadlineMs);
      const publication: Publication = {
        messageId: randomUUID(),
        route,
        content,
        headers,
        isReturned: false,
        isOver: false,
        settle: (error) => {
          publication.isOver = true;
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        },
      };
      this.waiting.push(publication);
      this.pump();
    });
  }

  /** Resolves when nothing waits and nothing is on the wire. */
  idle(): Promise<void> {
    if (this.sent.size + this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  /** What is on the wire is rejected by the library, through the confirm callbacks. */
  private detach(channel: ConfirmChannel): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    for (const publication of this.waiting.splice(0)) publication.settle(new BusUnavailableError('connection lost'));
  }

  private pump(): void {
    while (this.channel && !this.isPaused && this.sent.size < WINDOW) {
      const publication = this.waiting.shift();
      if (!publication) break;
      if (!publication.isOver) this.send(this.channel, publication);
    }
    if (this.sent.size + this.waiting.length > 0) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private send(channel: ConfirmChannel, publication: Publication): void {
    const { messageId, route, content, headers } = publication;
    this.sent.set(messageId, publication);
    const isKept = !route.isFleeting;
    const options = {
      persistent: isKept,
      mandatory: isKept,
      contentType: 'application/json',
      messageId,
      headers,
      ...(route.origin === undefined ? {} : { appId: route.origin }),
    };
    try {
      const hasRoom = channel.publish(route.exchange, route.routingKey, content, options, (error: unknown) => {
        this.confirmed(publication, error);
      });
      if (!hasRoom) this.isPaused = true;
    } catch (cause) {
      this.sent.delete(messageId); // a channel that is closing throws
      publication.settle(new BusUnavailableError('connection lost', { cause }));
      this.detach(channel);
    }
  }

  private confirmed(publication: Publication, error: unknown): void {
    // The broker has it, and nobody here knows: at `publish` it would not have left yet.
    this.options.failpoint('bus.confirmed-before-known');
    this.sent.delete(publication.messageId);
    if (error) publication.settle(new BusUnavailableError('not taken by the broker', { cause: error }));
    else if (publication.isReturned) {
      publication.settle(new UnroutableError(publication.route.queue));
      this.options.onUnroutable(publication.route);
    } else publication.settle();
    this.pump();
  }
}
