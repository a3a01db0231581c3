import type { Contract } from './contract.js';
import { MessageBus } from './message-bus.js';

/** Fields first, constant text second; pino and the house's AppLogger fit. */
export interface MessagingLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One handler of one queue. It is called with validated instances of the contract class only. */
export interface Consumer {
  queue: string;
  contract: Contract;
  /** Deliveries this process handles at the same time, 1–2000 (the cap of quorum queues). */
  prefetch: number;
  handle(payload: object): Promise<unknown>;
}

/** One answerer of one RPC pattern. */
export interface Answerer {
  pattern: string;
  contract: Contract;
  /** Requests this process answers at the same time. */
  prefetch: number;
  answer(payload: object): Promise<unknown>;
}

/** One handler of one topic. */
export interface Hearer {
  topic: string;
  contract: Contract;
  hear(payload: object): Promise<unknown>;
}

/** What both transports are told. Times in milliseconds. */
export interface TransportOptions {
  /** Durable queues of the suite; anything else is unroutable. */
  queues: readonly string[];
  logger: MessagingLogger;
  /**
   * What a handler's error means for the message: try again (at most 5 calls), wait for what is away (up to a
   * day), or park at once.
   */
  dispositionOf(error: unknown): 'retry' | 'wait' | 'park';
  /** Spreads a delay by ± ratio, so that replicas do not come back in step. */
  jitterMs(ms: number, ratio: number): number;
  /** From the call of `publish` to its confirmation, waiting for room included. */
  publishDeadlineMs: number;
  /** First pause before a failed message is handled again; doubles up to 5 s. */
  retryDelayMs: number;
  /** How long a shutdown waits for handlers that run. */
  drainDeadlineMs: number;
  /** Named crash points for fault tests; does nothing in production. */
  failpoint(name: string): void;
}

/** A message bus that also delivers: what the Nest strategy drives. */
export abstract class Transport extends MessageBus {
  /** Starts connecting for publishing and keeps at it; resolves when the first attempt has succeeded or failed. */
  abstract open(): Promise<void>;

  /** Attaches handlers, once. Resolves like `open`; until attached `state()` is not connected. */
  abstract listen(
    consumers: readonly Consumer[],
    answerers: readonly Answerer[],
    hearers?: readonly Hearer[],
  ): Promise<void>;

  /**
   * Takes no more messages, waits for running handlers (bounded), then lets go. Publishing still works, because
   * handlers that finish need it.
   */
  abstract stopListening(): Promise<void>;
}
