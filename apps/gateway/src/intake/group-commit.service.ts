import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { QUEUES, type MessageAcceptedV1 } from '#contracts';
import { MessageIntakeRepository, type InsertResult, type NewMessage } from '#entities';
import { Batcher, MessageBus } from '#messaging';
import { AppLogger, Metrics, failpoint } from '#platform';

/** Messages of one commit. */
const MAX_BATCH = 500;
/** Commits at a time: the database works on one while the next one is read and checked. */
const COMMITS_AT_A_TIME = 2;
/** Messages that are worth a commit while more are being read; 16 and 32 did about as well. */
const WORTH_A_COMMIT = 24;
/** More requests than this waiting for a commit: the service sheds load instead of growing. */
const MAX_WAITING = 10_000;

/** Ids one doorbell may name. */
const MAX_RUNG = 500;
/**
 * From one doorbell to the next, ms: under load the next one gathers ids meanwhile. A doorbell costs the broker about as much
 * as accepting twenty messages costs the database.
 */
const DOORBELL_GAP_MS = 20;

/**
 * Every message that waits at a moment goes into one commit. After it a doorbell, never awaited by the caller.
 */
@Injectable()
export class GroupCommit implements OnApplicationShutdown {
  private readonly batcher = new Batcher<NewMessage, InsertResult>({
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    maxInFlight: COMMITS_AT_A_TIME,
    fillTo: WORTH_A_COMMIT,
    flush: (batch) => this.flush(batch),
  });
  private unrung: string[] = [];
  private isRinging = false;

  constructor(
    private readonly messages: MessageIntakeRepository,
    private readonly bus: MessageBus,
    private readonly metrics: Metrics,
    private readonly logger: AppLogger,
  ) {}

  /** Resolves after COMMIT. */
  commit(message: NewMessage): Promise<InsertResult> {
    return this.batcher.add(message);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.batcher.idle();
  }

  private async flush(batch: NewMessage[]): Promise<({ value: InsertResult } | { error: unknown })[]> {
    failpoint('intake.before-commit');
    const results = await this.messages.insert(batch);
    failpoint('intake.after-commit');
    this.metrics.batchSize.observe({ stage: 'intake' }, batch.length);
    results.forEach((result, i) => {
      if (result instanceof Error || result.kind !== 'accepted' || !result.isNew || result.isScheduled) return;
      // Whoever waits for the outcome fans his message out himself, and would meet a dispatcher at it.
      if (!batch[i]?.plan.isOnce) this.unrung.push(result.messageId);
    });
    this.ring();
    return results.map((result) => (result instanceof Error ? { error: result } : { value: result }));
  }

  /** At once after a pause; one doorbell on its way at a time. */
  private ring(): void {
    if (this.isRinging || this.unrung.length === 0) return;
    const event: MessageAcceptedV1 = { messageIds: this.unrung.splice(0, MAX_RUNG) };
    this.isRinging = true;
    const rung = this.bus
      .publish(QUEUES.messageAccepted, event)
      // The work rows are due in a moment anyway: nothing is lost, it only takes longer.
      .catch((error: unknown) => this.logger.warn({ err: error }, 'doorbell lost'));
    void Promise.all([rung, sleep(DOORBELL_GAP_MS)]).then(() => {
      this.isRinging = false;
      this.ring();
    });
  }
}
