import { AppError } from '#contracts';
import { readPayload } from './contract.js';
import type { Consumer, TransportOptions } from './transport.js';

/** Calls of the handler one message can cause before it is parked; neither crashes of the process count nor calls that found something away. */
export const MAX_ATTEMPTS = 5;
const MAX_RETRY_DELAY_MS = 5_000;
/** About a day of the longest pauses. Whatever is still away then may be the message's own doing: a statement that is never through in time. */
export const MAX_WAITS = 17_280;
const MAX_REASON_LENGTH = 200;

/** What a message has behind it. */
export interface Tries {
  /** 1 at the first delivery. */
  attempt: number;
  /** Calls that found something away: the pauses grow by them. */
  waits: number;
}

export const FIRST_TRY: Tries = { attempt: 1, waits: 0 };

/** What becomes of a delivered message. `reason` names codes, fields and rules, never payload. */
export type Verdict =
  { kind: 'ack' } | { kind: 'retry'; tries: Tries; delayMs: number } | { kind: 'park'; reason: string };

type Judgement = Pick<TransportOptions, 'logger' | 'dispositionOf' | 'jitterMs' | 'retryDelayMs'>;

/**
 * Runs the handler on one delivery and decides what becomes of the message. Never throws.
 * The counters are ours (headers `x-attempt` and `x-waits`): what a broker counts and puts into `x-death` changed with 4.0
 * and 4.3 (facts 1 and 2), so it is never read.
 */
export async function judge(consumer: Consumer, content: Buffer, tries: Tries, options: Judgement): Promise<Verdict> {
  const { logger } = options;
  const { attempt, waits } = tries;
  const reading = readPayload(content, consumer.contract);
  if (!reading.ok) return park(reading.reason);
  try {
    await consumer.handle(reading.payload);
    return { kind: 'ack' };
  } catch (error) {
    const code = error instanceof AppError ? error.code : error instanceof Error ? error.name : typeof error;
    const disposition = options.dispositionOf(error);
    if (disposition === 'park') return park(`handler: ${code}`, error);
    if (disposition === 'wait' && waits < MAX_WAITS) {
      const delayMs = pauseAfter(waits);
      // Once a message: an outage of an hour must not flood the log.
      if (waits === 0) logger.warn({ err: error, queue: consumer.queue, delayMs }, 'message waits for what is away');
      return { kind: 'retry', tries: { attempt, waits: waits + 1 }, delayMs };
    }
    if (attempt >= MAX_ATTEMPTS) return park(`handler: ${code} in all ${MAX_ATTEMPTS} attempts`, error);
    const delayMs = pauseAfter(attempt - 1);
    logger.warn({ err: error, queue: consumer.queue, attempt, delayMs }, 'handler failed, the message will be retried');
    return { kind: 'retry', tries: { attempt: attempt + 1, waits }, delayMs };
  }

  function pauseAfter(earlier: number): number {
    return options.jitterMs(Math.min(options.retryDelayMs * 2 ** earlier, MAX_RETRY_DELAY_MS), 0.2);
  }

  function park(reason: string, err?: unknown): Verdict {
    const shortReason = reason.slice(0, MAX_REASON_LENGTH);
    logger.error(
      { err, queue: consumer.queue, attempt, reason: shortReason },
      'message parked in the dead-letter queue',
    );
    return { kind: 'park', reason: shortReason };
  }
}
