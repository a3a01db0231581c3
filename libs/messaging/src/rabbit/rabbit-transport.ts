import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel } from 'amqplib';
import { Hearers } from '../hearers.js';
import { settledWithin } from '../in-flight.js';
import type { BusState } from '../message-bus.js';
import { BusUnavailableError, RpcUnavailableError, UnroutableError } from '../messaging-errors.js';
import { encodePayload } from '../payload.js';
import { Transport, type Answerer, type Consumer, type Hearer, type TransportOptions } from '../transport.js';
import { keepOpen, type Opened } from './keep-open.js';
import { answer } from './rabbit-answerer.js';
import { RabbitConnection } from './rabbit-connection.js';
import { consume } from './rabbit-consumer.js';
import { RabbitPublisher } from './rabbit-publisher.js';
import { RabbitRpc } from './rabbit-rpc.js';
import { RabbitSubscription } from './rabbit-subscription.js';
import { RabbitTopology, onChannel } from './rabbit-topology.js';

/** Between two looks at a topology that is not as it should be. */
const REDECLARE_PAUSE_MS = 1_000;
const DIFFERING_PAUSE_MS = 30_000;
/** Broadcasts of others that are being handled. */
const HEARD_AT_A_TIME = 20;

export interface RabbitOptions extends TransportOptions {
  /** Nodes of one cluster. */
  urls: readonly string[];
  /** Name of this process, shown by the broker's tools. */
  name: string;
  /** 5–20 seconds. */
  heartbeatS: number;
  /** A consumer without deliveries for so long subscribes anew; see RabbitSubscription. */
  refreshIdleMs: number;
  /** Put before every exchange and queue name; empty in production. */
  prefix: string;
}

/**
 * RabbitMQ over two connections: an alarm blocks the one that publishes and leaves the one that consumes alone
 * (fact 6). Both declare the topology whenever they open, so what was deleted comes back.
 */
export class RabbitTransport extends Transport {
  readonly isAlone = false;
  private readonly topology: RabbitTopology;
  private readonly publisher: RabbitPublisher;
  private readonly rpc: RabbitRpc;
  private readonly hearers: Hearers;
  /** By which this process knows its own broadcasts when they come back. */
  private readonly origin = randomUUID();
  private readonly publishing: RabbitConnection;
  private consuming?: RabbitConnection;
  private subscriptions: readonly RabbitSubscription[] = [];
  private differing: readonly string[] = [];
  private redeclaring?: NodeJS.Timeout;
  private readonly closing = new AbortController();

  constructor(private readonly options: RabbitOptions) {
    super();
    this.topology = new RabbitTopology(options.queues, options.prefix);
    this.publisher = new RabbitPublisher({ ...options, onUnroutable: () => this.redeclareIn(REDECLARE_PAUSE_MS) });
    this.rpc = new RabbitRpc(this.topology.rpc);
    this.hearers = new Hearers(options.logger);
    this.publishing = this.connection('publish', (model) => this.openPublishing(model));
  }

  open(): Promise<void> {
    return this.publishing.start();
  }

  async publish(queue: string, payload: object): Promise<void> {
    const content = encodePayload(payload);
    this.assertPublishing();
    const route = { exchange: this.topology.events, routingKey: this.topology.queue(queue), queue };
    await this.publisher.publish(route, content);
  }

  async request<T>(pattern: string, payload: object, timeoutMs: number): Promise<T> {
    const content = encodePayload(payload);
    try {
      this.assertPublishing();
    } catch (cause) {
      throw new RpcUnavailableError(pattern, { cause });
    }
    return this.rpc.request<T>(pattern, content, timeoutMs);
  }

  async broadcast(topic: string, payload: object): Promise<void> {
    const content = encodePayload(payload);
    const heard = this.hearers.hear(topic, content); // directly: sooner, and whatever becomes of the broker
    try {
      this.assertPublishing();
      const route = { exchange: this.topology.broadcast, routingKey: topic, queue: topic };
      await this.publisher.publish({ ...route, isFleeting: true, origin: this.origin }, content);
    } finally {
      await heard;
    }
  }

  async depth(queue: string): Promise<number> {
    const model = this.publishing.current;
    if (!model) throw new BusUnavailableError(this.publishing.detail);
    const asked = onChannel(model, (channel) => channel.checkQueue(this.topology.queue(queue)));
    if (!(await settledWithin(asked, this.options.publishDeadlineMs))) throw new BusUnavailableError('no answer');
    try {
      return (await asked).messageCount;
    } catch (cause) {
      const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 404;
      throw isAbsent ? new UnroutableError(queue) : new BusUnavailableError('no answer', { cause });
    }
  }

  state(): BusState {
    const blocked = this.publishing.blocked;
    const detached = this.subscriptions.filter(({ isAttached }) => !isAttached).map(({ queue }) => queue);
    const problems = [
      ...(this.closing.signal.aborted ? ['closed'] : []),
      ...(this.publisher.isAttached ? [] : [`publishing: ${this.publishing.detail}`]),
      ...(this.consuming && !this.consuming.current ? [`consuming: ${this.consuming.detail}`] : []),
      ...(detached.length > 0 ? [`not consuming ${detached.join(', ')}`] : []),
    ];
    const warnings = [
      ...(blocked === undefined ? [] : [`blocked: ${blocked}`]),
      ...(this.differing.length > 0 ? [`declared with other arguments: ${this.differing.join(', ')}`] : []),
    ];
    const detail = [...problems, ...warnings].join('; ');
    return { connected: problems.length === 0, blocked: blocked !== undefined, ...(detail ? { detail } : {}) };
  }

  listen(
    consumers: readonly Consumer[],
    answerers: readonly Answerer[],
    hearers: readonly Hearer[] = [],
  ): Promise<void> {
    if (consumers.length + answerers.length + hearers.length === 0) return Promise.resolve();
    const stray = consumers.find(({ queue }) => !this.options.queues.includes(queue));
    if (stray) return Promise.reject(new UnroutableError(stray.queue));
    this.subscriptions = [
      ...consumers.map((consumer) => this.consumerSubscription(consumer)),
      ...answerers.map((answerer) => this.answererSubscription(answerer)),
      ...(hearers.length > 0 ? [this.hearingSubscription(hearers.map(({ topic }) => topic))] : []),
    ];
    this.hearers.listen(hearers);
    this.consuming = this.connection('consume', async (model) => {
      const isWanted = isOpen(model);
      await this.declare(model);
      await Promise.all(this.subscriptions.map((subscription) => subscription.attach(model, isWanted)));
    });
    return this.consuming.start();
  }

  async stopListening(): Promise<void> {
    const { subscriptions } = this;
    const giveUpAt = performance.now() + this.options.drainDeadlineMs;
    const left = await Promise.all(
      subscriptions.map((subscription) => subscription.stop(this.options.drainDeadlineMs)),
    );
    const heard = await this.hearers.stop(giveUpAt - performance.now());
    const handlers = left.reduce((sum, count) => sum + count, heard);
    if (handlers > 0) {
      this.options.logger.warn({ handlers }, 'handlers still run, the broker will deliver their messages again');
    }
    await this.consuming?.stop();
    this.consuming = undefined;
    this.subscriptions = [];
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    clearTimeout(this.redeclaring);
    await settledWithin(this.publisher.idle(), this.options.publishDeadlineMs);
    await this.publishing.stop();
  }

  private assertPublishing(): void {
    if (this.closing.signal.aborted) throw new BusUnavailableError('closed');
    if (!this.publisher.isAttached) throw new BusUnavailableError(this.publishing.detail);
    // What is on the wire may still be taken when the alarm clears; more would only pile up.
    if (this.publishing.blocked !== undefined) throw new BusUnavailableError(`blocked: ${this.publishing.blocked}`);
  }

  private connection(purpose: string, onOpen: (model: ChannelModel) => Promise<void>): RabbitConnection {
    return new RabbitConnection({ ...this.options, name: `${this.options.name}:${purpose}`, onOpen });
  }

  private async openPublishing(model: ChannelModel): Promise<void> {
    const isWanted = isOpen(model);
    const { logger, jitterMs } = this.options;
    const { signal } = this.closing;
    const common = { signal, isWanted, logger, jitterMs };
    await Promise.all([
      keepOpen({ ...common, name: 'publish', open: () => this.openPublisher(model) }),
      keepOpen({ ...common, name: 'rpc', open: () => this.openRpc(model) }),
    ]);
  }

  private async openPublisher(model: ChannelModel): Promise<Opened> {
    await this.declare(model); // each time: a missing exchange is what closes this channel
    const channel = await model.createConfirmChannel();
    const closed = closing(channel);
    this.publisher.attach(channel);
    return { closed };
  }

  private async openRpc(model: ChannelModel): Promise<Opened> {
    await this.topology.declareRpcExchange(model);
    const channel = await model.createChannel();
    const closed = closing(channel);
    await this.rpc.attach(channel);
    return { closed };
  }

  private async declare(model: ChannelModel): Promise<void> {
    this.differing = await this.topology.declare(model);
    if (this.differing.length === 0) return;
    // Readiness stays red; looked at slowly, because only a person can delete or migrate such a queue.
    this.options.logger.error({ queues: this.differing }, 'queues exist with other arguments than they should have');
    this.redeclareIn(DIFFERING_PAUSE_MS);
  }

  private redeclareIn(pauseMs: number): void {
    if (this.redeclaring || this.closing.signal.aborted) return;
    this.redeclaring = setTimeout(() => {
      this.redeclaring = undefined;
      const model = this.publishing.current;
      if (!model) return; // the next connection declares anyway
      this.declare(model).catch((err: unknown) => {
        this.options.logger.warn({ err }, 'topology could not be declared');
        this.redeclareIn(DIFFERING_PAUSE_MS);
      });
    }, pauseMs).unref();
  }

  private consumerSubscription(consumer: Consumer): RabbitSubscription {
    const parts = { topology: this.topology, publisher: this.publisher, options: this.options };
    const subscription: RabbitSubscription = new RabbitSubscription({
      ...this.options,
      queue: this.topology.queue(consumer.queue),
      prefetch: consumer.prefetch,
      declare: async (model) => {
        await this.topology.declareQueue(model, consumer.queue);
        return this.topology.queue(consumer.queue);
      },
      handle: (held) => consume(consumer, held, subscription.signal, parts),
    });
    return subscription;
  }

  private answererSubscription(answerer: Answerer): RabbitSubscription {
    const { logger, jitterMs } = this.options;
    return new RabbitSubscription({
      logger,
      jitterMs, // no refresh: the queue would go with its last consumer for a moment
      queue: this.topology.rpcQueue(answerer.pattern),
      prefetch: answerer.prefetch,
      declare: async (model) => {
        await this.topology.declareRpcQueue(model, answerer.pattern);
        return this.topology.rpcQueue(answerer.pattern);
      },
      handle: (held) => answer(answerer, held, this.rpc, logger),
    });
  }

  private hearingSubscription(topics: readonly string[]): RabbitSubscription {
    const { logger, jitterMs, name } = this.options;
    return new RabbitSubscription({
      logger,
      jitterMs, // no refresh: the queue is never declared again under its name
      queue: 'broadcasts',
      prefetch: HEARD_AT_A_TIME,
      declare: (model) => this.topology.declareHearingQueue(model, name, topics),
      handle: async ({ message, ack }) => {
        if (message.properties.appId !== this.origin) {
          await this.hearers.hear(message.fields.routingKey, message.content);
        }
        ack();
      },
    });
  }
}

function isOpen(model: ChannelModel): () => boolean {
  let answer = true;
  model.on('close', () => (answer = false));
  return () => answer;
}

/** The reason a channel closes for, once it does. Without an error listener its error would take the connection down. */
function closing(channel: Channel): Promise<string> {
  return new Promise((resolve) => {
    let reason = 'channel closed';
    channel.on('error', (error) => (reason = error.message));
    channel.on('close', () => resolve(reason));
  });
}
