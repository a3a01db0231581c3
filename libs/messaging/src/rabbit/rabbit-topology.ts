import { randomUUID } from 'node:crypto';
import type { Channel, ChannelModel, Options } from 'amqplib';
import { deadLetterQueueOf } from '#contracts';

const PRECONDITION_FAILED = 406;
/** What a queue whose handlers are away may collect before publishers are refused; the rows are the record anyway. */
const MAX_QUEUE_LENGTH = 100_000;
/** A request queue nobody consumed for this long is a leftover. */
const RPC_QUEUE_EXPIRES_MS = 60_000;
/** Broadcasts a process may be behind. */
const MAX_UNHEARD = 10_000;
const MAX_UNHEARD_BYTES = 64 * 1024 * 1024;

/**
 * Names and arguments of everything on the broker, and its declaration. All of it works on 3.10 and on 4.x: the
 * delivery limit is explicit because its default differs (none, then 20), no queue is transient and shared, and
 * nothing needs a plugin.
 */
export class RabbitTopology {
  readonly events: string;
  readonly rpc: string;
  readonly dead: string;
  readonly broadcast: string;

  /** @param prefix set by suites that share a broker, so that they never touch the real names */
  constructor(
    private readonly queues: readonly string[],
    private readonly prefix: string,
  ) {
    this.events = `${prefix}mc.events`;
    this.rpc = `${prefix}mc.rpc`;
    this.dead = `${prefix}mc.dead`;
    this.broadcast = `${prefix}mc.broadcast`;
  }

  queue(name: string): string {
    return `${this.prefix}${name}`;
  }

  deadLetterQueue(name: string): string {
    return this.queue(deadLetterQueueOf(name));
  }

  rpcQueue(pattern: string): string {
    return `${this.prefix}rpc.${pattern}`;
  }

  /**
   * Declares exchanges, queues and bindings; what is there already is left alone. Answers the queues that exist with
   * other arguments (406): they stay in use, and are for a person to see to.
   */
  async declare(model: ChannelModel): Promise<string[]> {
    await onChannel(model, async (channel) => {
      await channel.assertExchange(this.events, 'topic', { durable: true });
      await channel.assertExchange(this.dead, 'direct', { durable: true });
      await channel.assertExchange(this.broadcast, 'direct', { durable: true });
    });
    const differing: string[] = [];
    for (const name of this.queues) differing.push(...(await this.declareQueue(model, name)));
    return differing;
  }

  /** Declares one queue with its dead-letter queue; answers those of the two that exist with other arguments. */
  async declareQueue(model: ChannelModel, name: string): Promise<string[]> {
    const queue = this.queue(name);
    const deadLetterQueue = this.deadLetterQueue(name);
    const differing = [
      ...(await assertQueue(model, deadLetterQueue, { 'x-max-length': MAX_QUEUE_LENGTH, 'x-overflow': 'drop-head' })),
      ...(await assertQueue(model, queue, {
        'x-delivery-limit': 5,
        'x-dead-letter-exchange': this.dead,
        'x-dead-letter-routing-key': deadLetterQueue,
        // Dead-lettering that waits for the other queue's confirmation; it demands reject-publish.
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
        'x-max-length': MAX_QUEUE_LENGTH,
      })),
    ];
    await onChannel(model, async (channel) => {
      await channel.bindQueue(deadLetterQueue, this.dead, deadLetterQueue);
      await channel.bindQueue(queue, this.events, queue);
    });
    return differing;
  }

  async declareRpcExchange(model: ChannelModel): Promise<void> {
    await onChannel(model, (channel) => channel.assertExchange(this.rpc, 'direct', { durable: true }));
  }

  /**
   * The shared request queue of a pattern: it goes with its last answerer, so that a request nobody can answer is
   * returned at once. Durable by declaration only, because shared transient queues are on their way out of RabbitMQ.
   */
  async declareRpcQueue(model: ChannelModel, pattern: string): Promise<void> {
    await this.declareRpcExchange(model);
    await onChannel(model, async (channel) => {
      await channel.assertQueue(this.rpcQueue(pattern), {
        durable: true,
        autoDelete: true,
        arguments: { 'x-queue-type': 'classic', 'x-expires': RPC_QUEUE_EXPIRES_MS },
      });
      await channel.bindQueue(this.rpcQueue(pattern), this.rpc, pattern);
    });
  }

  /**
   * A queue of this process alone, bound to the topics it hears, in which they keep their order; answers its name. It goes
   * with the connection, and has a new name on the next one: the broker may not have noticed yet that the old one is gone.
   * One who cannot follow misses the oldest.
   */
  async declareHearingQueue(model: ChannelModel, replica: string, topics: readonly string[]): Promise<string> {
    const queue = this.queue(`im.session.${replica}.${randomUUID().slice(0, 8)}`);
    await onChannel(model, async (channel) => {
      await channel.assertExchange(this.broadcast, 'direct', { durable: true });
      await channel.assertQueue(queue, {
        durable: false,
        exclusive: true,
        autoDelete: true,
        arguments: { 'x-max-length': MAX_UNHEARD, 'x-max-length-bytes': MAX_UNHEARD_BYTES, 'x-overflow': 'drop-head' },
      });
      for (const topic of topics) await channel.bindQueue(queue, this.broadcast, topic);
    });
    return queue;
  }
}

async function assertQueue(model: ChannelModel, queue: string, args: Record<string, unknown>): Promise<string[]> {
  const options: Options.AssertQueue = { durable: true, arguments: { 'x-queue-type': 'quorum', ...args } };
  try {
    await onChannel(model, (channel) => channel.assertQueue(queue, options));
    return [];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === PRECONDITION_FAILED) return [queue];
    throw error;
  }
}

/** A channel of its own, because a refusal closes the channel it happens on (fact 9: with a listener, only that one). */
export async function onChannel<T>(model: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await model.createChannel();
  channel.on('error', () => undefined); // the rejected call carries it
  const result = await work(channel);
  await channel.close();
  return result;
}
