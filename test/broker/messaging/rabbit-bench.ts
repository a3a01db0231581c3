import { connect, type Channel, type ChannelModel } from 'amqplib';
import { deadLetterQueueOf } from '#contracts';
import { RabbitTransport, type RabbitOptions } from '#messaging';
import { TEST_QUEUES, testOptions } from './messaging.conformance.js';

/** A look at the broker from outside, past the transport. */
export class Inspector {
  private constructor(
    readonly model: ChannelModel,
    readonly channel: Channel,
    private readonly prefix: string,
  ) {}

  static async open(url: string, prefix = ''): Promise<Inspector> {
    const model = await connect(url);
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    channel.on('error', () => undefined);
    return new Inspector(model, channel, prefix);
  }

  queue(name: string): string {
    return `${this.prefix}${name}`;
  }

  /** What the transport declares a queue with. */
  queueArguments(queue: string): Record<string, unknown> {
    return {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 5,
      'x-dead-letter-exchange': `${this.prefix}mc.dead`,
      'x-dead-letter-routing-key': this.queue(deadLetterQueueOf(queue)),
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
      'x-max-length': 100_000,
    };
  }

  async purge(): Promise<void> {
    for (const queue of TEST_QUEUES.flatMap((name) => [name, deadLetterQueueOf(name)])) {
      await this.channel.purgeQueue(this.queue(queue));
    }
  }

  async take(queue: string): Promise<{ reason: string; content: Buffer; headers: Record<string, unknown> }[]> {
    const letters = [];
    for (;;) {
      const message = await this.channel.get(this.queue(queue), { noAck: true });
      if (!message) return letters;
      const headers: Record<string, unknown> = { ...message.properties.headers };
      letters.push({ reason: String(headers['x-reason']), content: message.content, headers });
    }
  }

  send(queue: string, content: Buffer, headers: Record<string, unknown> = {}): void {
    this.channel.sendToQueue(this.queue(queue), content, { persistent: true, headers });
  }

  async close(): Promise<void> {
    await this.model.close().catch(() => undefined); // the broker may have been restarted meanwhile
  }
}

export const rabbitTransport = (url: string, overrides: Partial<RabbitOptions> = {}): RabbitTransport =>
  new RabbitTransport({
    ...testOptions(),
    urls: [url],
    name: 'conformance',
    heartbeatS: 5,
    refreshIdleMs: 1_000,
    prefix: '',
    ...overrides,
  });
