import { randomUUID } from 'node:crypto';
import type { Channel, ConsumeMessage } from 'amqplib';
import { BusUnavailableError, OverloadedError, RpcTimeoutError, RpcUnavailableError } from '../messaging-errors.js';
import { readReply } from '../rpc-reply.js';

const REPLY_TO = 'amq.rabbitmq.reply-to';
const MAX_PENDING = 2_000;

interface Pending {
  pattern: string;
  settle(error: Error | undefined, reply?: ConsumeMessage): void;
}

/**
 * Requests and replies on one channel of the publishing connection: answering on the consuming one would let an alarm
 * stop consumption too (fact 6). Direct reply-to needs the request and the reply consumer on the same channel.
 */
export class RabbitRpc {
  private channel?: Channel;
  private readonly pending = new Map<string, Pending>();

  constructor(private readonly exchange: string) {}

  async attach(channel: Channel): Promise<void> {
    channel.on('return', ({ properties }) => {
      const request = this.pending.get(String(properties.correlationId));
      request?.settle(new RpcUnavailableError(request.pattern));
    });
    channel.on('close', () => {
      if (this.channel === channel) this.channel = undefined;
      for (const request of [...this.pending.values()]) request.settle(new BusUnavailableError('connection lost'));
    });
    const onReply = (reply: ConsumeMessage | null): void => {
      if (reply) this.pending.get(String(reply.properties.correlationId))?.settle(undefined, reply);
    };
    await channel.consume(REPLY_TO, onReply, { noAck: true });
    this.channel = channel;
  }

  get isAttached(): boolean {
    return this.channel !== undefined;
  }

  /** @throws RpcUnavailableError, RpcTimeoutError, OverloadedError, BusUnavailableError, the other side's AppError */
  request<T>(pattern: string, content: Buffer, timeoutMs: number): Promise<T> {
    const { channel } = this;
    if (!channel) return Promise.reject(new RpcUnavailableError(pattern));
    if (this.pending.size >= MAX_PENDING) return Promise.reject(new OverloadedError(this.pending.size));
    const correlationId = randomUUID();
    return new Promise<T>((resolve, reject) => {
      const settle = (error: Error | undefined, reply?: ConsumeMessage): void => {
        clearTimeout(timer);
        this.pending.delete(correlationId);
        if (error || !reply) return reject(error);
        try {
          resolve(readReply<T>(reply.content));
        } catch (refusal) {
          reject(refusal);
        }
      };
      const timer = setTimeout(() => settle(new RpcTimeoutError(pattern, timeoutMs)), timeoutMs);
      this.pending.set(correlationId, { pattern, settle });
      try {
        channel.publish(this.exchange, pattern, content, {
          mandatory: true,
          contentType: 'application/json',
          correlationId,
          messageId: correlationId,
          replyTo: REPLY_TO,
          // A request whose caller has gone must not be carried out later.
          expiration: Math.ceil(timeoutMs),
        });
      } catch (cause) {
        settle(new RpcUnavailableError(pattern, { cause }));
      }
    });
  }

  /** Best effort: a caller that gets no reply times out. Answers whether it was sent. */
  reply(replyTo: string, correlationId: string, content: Buffer): boolean {
    if (!this.channel) return false;
    try {
      this.channel.publish('', replyTo, content, { contentType: 'application/json', correlationId });
      return true;
    } catch {
      return false; // closing
    }
  }
}
