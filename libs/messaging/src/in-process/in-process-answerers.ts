import { InFlight } from '../in-flight.js';
import { RpcTimeoutError, RpcUnavailableError } from '../messaging-errors.js';
import { answerRequest, readReply } from '../rpc-reply.js';
import type { Answerer, MessagingLogger } from '../transport.js';

interface Desk {
  answerer: Answerer;
  running: number;
  /** Requests that wait for a free slot. */
  queue: (() => void)[];
}

/** Request and reply inside one process. Bytes cross, so that what works here also works over a broker. */
export class InProcessAnswerers {
  private readonly desks = new Map<string, Desk>();
  private readonly running = new InFlight();
  private isStopped = false;

  constructor(private readonly logger: MessagingLogger) {}

  listen(answerers: readonly Answerer[]): void {
    for (const answerer of answerers) this.desks.set(answerer.pattern, { answerer, running: 0, queue: [] });
  }

  request<T>(pattern: string, content: Buffer, timeoutMs: number): Promise<T> {
    const desk = this.desks.get(pattern);
    if (!desk || this.isStopped) return Promise.reject(new RpcUnavailableError(pattern));
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        desk.queue = desk.queue.filter((waiting) => waiting !== start); // not started yet: never will be
        reject(new RpcTimeoutError(pattern, timeoutMs));
      }, timeoutMs);
      const start = (): void => {
        desk.running += 1;
        this.running.add(
          answerRequest(desk.answerer, content, this.logger).then((reply) => {
            clearTimeout(timer);
            desk.running -= 1;
            desk.queue.shift()?.();
            try {
              resolve(readReply<T>(reply));
            } catch (error) {
              reject(error);
            }
          }),
        );
      };
      if (desk.running < desk.answerer.prefetch) start();
      else desk.queue.push(start);
    });
  }

  /** Refuses new requests and waits for those under way; answers how many did not end in time. */
  stop(deadlineMs: number): Promise<number> {
    this.isStopped = true;
    return this.running.drain(deadlineMs);
  }
}
