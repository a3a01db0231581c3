import { AppError } from '#contracts';
import { readPayload } from './contract.js';
import type { Consumer, TransportOptions } from './transport.js';

/** Calls of the handler one message can cause before it is parked, crashes of the process not counted. */
export const MAX_ATTEMPTS = 5;
const MAX_RETRY_DELAY_MS = 5_000;
const MAX_REASON_LENGTH = 200;

/** What becomes of a delivered message. `reason` names codes, fields and rules, never payload. */
export type Verdict =
  { kind: 'ack' } | { kind: 'retry'; attempt: number; delayMs: number } | { kind: 'park'; reason: string };

type Judgement = Pick<TransportOptions, 'logger' | 'dispositionOf' | 'jitterMs' | 'retryDelayMs'>;

/**
 * Runs the handler on one delivery and decides what becomes of the message. Never throws.
 * The counter is ours (header `x-attempt`): what a broker counts and puts into `x-death` changed with 4.0 and 4.3
 * (facts 1 and 2), so it is never read.
 * @param attempt 1 at the first delivery
 */
export async function judge(
  consumer: Consumer,
  content: Buffer,
  attempt: number,
  options: Judgement,
): Promise<Verdict> {
  const { logger } = options;
  const reading = readPayload(content, consumer.contract);
  if (!reading.ok) return park(reading.reason);
  try {
    await consumer.handle(reading.payload);
    return { kind: 'ack' };
  } catch (error) {
    const code = error instanceof AppError ? error.code : error instanceof Error ? error.name : typeof error;
    if (options.dispositionOf(error) === 'park') return park(`handler: ${code}`, error);
    if (attempt >= MAX_ATTEMPTS) return park(`handler: ${code} in all ${MAX_ATTEMPTS} attempts`, error);
    const delayMs = options.jitterMs(Math.min(options.retryDelayMs * 2 ** (attempt - 1), MAX_RETRY_DELAY_MS), 0.2);
    logger.warn({ err: error, queue: consumer.queue, attempt, delayMs }, 'handler failed, the message will be retried');
    return { kind: 'retry', attempt: attempt + 1, delayMs };
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
