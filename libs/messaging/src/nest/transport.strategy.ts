import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { AppError } from '#contracts';
import { Transport, type Answerer, type Consumer, type Hearer } from '../transport.js';
import type { HandlerExtras } from './consume.decorator.js';

/** Hands Nest's `@Consume`, `@Answer` and `@Hear` handlers to the transport. */
export class TransportStrategy extends Server implements CustomTransportStrategy {
  /** The transport judges and logs handler errors; Nest need not. */
  override readonly propagatesEventHandlerErrors = true;
  private serves: (pattern: string) => boolean = () => true;

  /** @param prefetch for handlers that name none */
  constructor(
    private readonly transport: Transport,
    private readonly prefetch: number,
  ) {
    super();
  }

  /** True when this process handles anything. */
  get hasHandlers(): boolean {
    return this.handlers().length > 0;
  }

  /** Limits the handlers that will be attached, e.g. to the channels of this replica. Call before `listen`. */
  serveOnly(serves: (pattern: string) => boolean): void {
    this.serves = serves;
  }

  /** @throws AppError when a pattern has a handler already: Nest would run both, or only the last */
  override addHandler(pattern: string, callback: MessageHandler, isEvent = false, extras: object = {}): void {
    if (this.messageHandlers.has(pattern)) {
      throw new AppError('TWO_HANDLERS', 'bug', 'A queue or RPC pattern has one handler a process.', { pattern });
    }
    if (!('contract' in extras)) {
      throw new AppError('NO_CONTRACT', 'bug', 'Use @Consume or @Answer to register a handler.', { pattern });
    }
    super.addHandler(pattern, callback, isEvent, extras);
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    const consumers: Consumer[] = [];
    const answerers: Answerer[] = [];
    const hearers: Hearer[] = [];
    for (const [pattern, handler] of this.handlers()) {
      const { contract, prefetch = this.prefetch, isBroadcast } = handler.extras as HandlerExtras;
      const run = (payload: object): Promise<unknown> => call(handler, payload);
      if (isBroadcast) hearers.push({ topic: pattern, contract, hear: run });
      else if (handler.isEventHandler) consumers.push({ queue: pattern, contract, prefetch, handle: run });
      else answerers.push({ pattern, contract, prefetch, answer: run });
    }
    try {
      await this.transport.listen(consumers, answerers, hearers);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await this.transport.stopListening();
  }

  on(): never {
    throw new AppError('NO_TRANSPORT_EVENTS', 'bug', 'The transport emits no events; ask MessageBus.state().');
  }

  unwrap<T>(): T {
    return this.transport as T;
  }

  private handlers(): [string, MessageHandler][] {
    return [...this.messageHandlers].filter(([pattern]) => this.serves(pattern));
  }
}

async function call(handler: MessageHandler, payload: object): Promise<unknown> {
  const result: unknown = await handler(payload);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
