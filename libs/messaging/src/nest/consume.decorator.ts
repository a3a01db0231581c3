import { applyDecorators, UseFilters } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import type { Contract } from '../contract.js';
import { RethrowFilter } from './rethrow.filter.js';

/** What a handler is registered with, found again by the strategy. */
export interface HandlerExtras {
  contract: Contract;
  prefetch?: number;
  /** Of a topic, not of a queue. */
  isBroadcast?: boolean;
}

export interface HandlerOptions {
  /** How many this process works on at the same time, 1–2000; the configured prefetch unless given. */
  prefetch?: number;
}

/**
 * Handles the messages of one queue, or of several that share a contract. The payload is a validated instance of the
 * contract; the message is acknowledged when the handler resolves. A thrown error decides by its kind: after a
 * `transient` one the message waits until what is away is back (up to a day), `rate_limited` and unknown ones are tried again (5 calls at
 * most), the rest is parked in the dead-letter queue.
 * One handler a queue in a process.
 */
export const Consume = (
  queue: string | readonly string[],
  contract: Contract,
  options: HandlerOptions = {},
): MethodDecorator => applyDecorators(EventPattern(queue, { contract, ...options }), UseFilters(new RethrowFilter()));

/**
 * Answers requests of one RPC pattern, or of several. What the handler resolves to must be JSON; an AppError crosses
 * to the caller with code, kind, message and details, anything else as `INTERNAL`. A request is carried out at most once.
 */
export const Answer = (
  pattern: string | readonly string[],
  contract: Contract,
  options: HandlerOptions = {},
): MethodDecorator =>
  applyDecorators(MessagePattern(pattern, { contract, ...options }), UseFilters(new RethrowFilter()));

/**
 * Hears what is broadcast under a topic, in every process that has such a handler: at most once, in order, and not while
 * this process is away. What the handler throws is logged.
 */
export const Hear = (topic: string | readonly string[], contract: Contract): MethodDecorator =>
  applyDecorators(EventPattern(topic, { contract, isBroadcast: true }), UseFilters(new RethrowFilter()));
